internal import FoundationEssentials
public import JSON
internal import Shapes
internal import Synchronization

/// The operations of Lambda, by name, with the members of their wire.
extension FunctionService {
    /// The names of the operations that `call` knows; `Invoke` has a door of its own.
    public static let operationNames = [
        "AddPermission", "CreateFunction", "DeleteFunction", "DeleteFunctionConcurrency", "DeleteLayerVersion",
        "GetFunction", "GetFunctionConcurrency", "GetFunctionConfiguration", "GetLayerVersion", "GetPolicy",
        "ListFunctions", "ListLayerVersions", "ListLayers", "ListTags", "PublishLayerVersion",
        "PutFunctionConcurrency", "RemovePermission", "TagResource", "UntagResource", "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
    ]

    /// Calls an operation.
    ///
    /// - Parameters:
    ///   - operation: Its name.
    ///   - input: The members of the request, those of the path among them.
    /// - Returns: The members of the answer.
    /// - Throws: `FunctionError`; the store's own error.
    public func call(_ operation: String, _ input: JSON) async throws -> JSON {
        if let faults = FunctionShapes.inputs[operation]?.faults(in: input).all, !faults.isEmpty {
            let count = faults.count == 1 ? "1 validation error" : "\(faults.count) validation errors"
            let texts = faults.map(\.description).joined(separator: "; ")
            throw FunctionError(.validation, "\(count) detected: \(texts)")
        }
        switch operation {
        case "CreateFunction": return try await create(input)
        case "UpdateFunctionCode": return try await updateCode(input)
        case "UpdateFunctionConfiguration": return try await updateConfiguration(input)
        case "GetFunction": return describe(try function(input))
        case "GetFunctionConfiguration": return json(of: try function(input))
        case "ListFunctions": return listFunctions()
        case "DeleteFunction": return try await delete(input)
        case "PutFunctionConcurrency", "DeleteFunctionConcurrency": return try await setConcurrency(input)
        case "GetFunctionConcurrency":
            return ["ReservedConcurrentExecutions": .init(try function(input).configuration.concurrency)]
        case "PublishLayerVersion": return try await publishLayer(input)
        case "GetLayerVersion": return try describeLayer(input)
        case "DeleteLayerVersion": return try await deleteLayer(input)
        case "ListLayers": return listLayers()
        case "ListLayerVersions": return listLayerVersions(input)
        case "TagResource", "UntagResource", "ListTags": return try await tags(operation, input)
        case "AddPermission": return try addPermission(input)
        case "RemovePermission":
            _ = try function(input)
            return [:]
        case "GetPolicy":
            let name = try function(input).configuration.name
            throw FunctionError(
                .resourceNotFound,
                "No policy is associated with \(name): whoever reaches this service may invoke its functions"
            )
        default: throw FunctionError(.validation, "there is no operation \"\(operation)\"")
        }
    }

    private func function(_ input: JSON) throws(FunctionError) -> Function {
        try function(Self.name(input).name)
    }

    private static func name(_ input: JSON) throws(FunctionError) -> FunctionName {
        try FunctionName(input["FunctionName"]?.string ?? "", qualifier: input["Qualifier"]?.string)
    }

    // MARK: - Creating and changing

    private func create(_ input: JSON) async throws -> JSON {
        let name = try Self.name(input).name
        var configuration = FunctionConfiguration(name: name)
        try apply(input, to: &configuration)
        configuration.tags = Self.texts(input["Tags"])
        guard input["PackageType"]?.string ?? "Zip" == "Zip" else {
            throw FunctionError(.invalidParameterValue, "PackageType Image is not available here; send a zip archive")
        }
        if state.withLock({ $0.functions[name] != nil || $0.faults[name] != nil }) { throw exists(name) }
        let function = Function(
            configuration: configuration,
            code: try code(input["Code"] ?? [:]),
            lastModified: now().timeIntervalSince1970,
            revisionID: makeID()
        )
        guard try await store.saveFunction(function, replacing: false) else { throw exists(name) }
        state.withLock { $0.functions[name] = function }
        return json(of: function)
    }

    private func exists(_ name: String) -> FunctionError {
        FunctionError(.resourceConflict, "Function already exist: \(name)")
    }

    private func updateCode(_ input: JSON) async throws -> JSON {
        try await change(input) { [self] function in function.code = try code(input) }
    }

    private func updateConfiguration(_ input: JSON) async throws -> JSON {
        try await change(input) { [self] function in try apply(input, to: &function.configuration) }
    }

    private func setConcurrency(_ input: JSON) async throws -> JSON {
        let count = input["ReservedConcurrentExecutions"]?.int
        guard count != 0 else {
            throw FunctionError(
                .invalidParameterValue,
                "ReservedConcurrentExecutions 0 would stop the function; delete it, or have 1 at least"
            )
        }
        let name = try Self.name(input).name
        let concurrency = count ?? FunctionConfiguration(name: name).concurrency
        _ = try await change(input) { $0.configuration.concurrency = concurrency }
        return count.map { ["ReservedConcurrentExecutions": .init($0)] } ?? [:]
    }

    /// Saves a changed function, and has its workers follow.
    private func change(_ input: JSON, _ body: (inout Function) throws -> Void) async throws -> JSON {
        var function = try function(input)
        let name = function.configuration.name
        guard !function.isFolder else {
            throw FunctionError(
                .resourceConflict,
                "\(name) lies in the folder \(configuration.folders)/\(name); change its files there"
            )
        }
        if let revision = input["RevisionId"]?.string, revision != function.revisionID {
            throw FunctionError(.resourceConflict, "The Revision Id provided does not match the latest Revision Id")
        }
        try body(&function)
        function.lastModified = now().timeIntervalSince1970
        function.revisionID = makeID()
        let changed = function
        _ = try await store.saveFunction(changed, replacing: true)
        state.withLock { $0.functions[name] = changed }
        replacePool(of: name)
        return json(of: changed)
    }

    private func delete(_ input: JSON) async throws -> JSON {
        let function = try function(input)
        let name = function.configuration.name
        guard !function.isFolder else {
            throw FunctionError(
                .resourceConflict,
                "\(name) lies in the folder \(configuration.folders)/\(name); remove it there"
            )
        }
        try await store.deleteFunction(name)
        state.withLock { state in
            state.functions[name] = nil
            state.notifications.removeAll { $0.function == name }
        }
        replacePool(of: name)
        return [:]
    }

    private func apply(_ input: JSON, to configuration: inout FunctionConfiguration) throws(FunctionError) {
        func text(_ key: String) -> String? { input[key]?.string }
        configuration.description = text("Description") ?? configuration.description
        configuration.runtime = text("Runtime") ?? configuration.runtime
        configuration.handler = text("Handler") ?? configuration.handler
        configuration.role = text("Role") ?? configuration.role
        configuration.timeoutSeconds = input["Timeout"]?.int ?? configuration.timeoutSeconds
        configuration.memoryMegabytes = input["MemorySize"]?.int ?? configuration.memoryMegabytes
        configuration.storageMegabytes = input["EphemeralStorage"]?["Size"]?.int ?? configuration.storageMegabytes
        if let variables = input["Environment"]?["Variables"] { configuration.environment = Self.texts(variables) }
        if let layers = input["Layers"]?.array?.compactMap(\.string) {
            for layer in layers { _ = try self.layer(layer) }
            configuration.layers = layers
        }
        let faults = configuration.faults
        guard faults.isEmpty else { throw FunctionError(.invalidParameterValue, faults.joined(separator: "; ")) }
    }

    static func texts(_ json: JSON?) -> [String: String] {
        var texts: [String: String] = [:]
        for (key, value) in json?.object ?? [:] { texts[key] = value.string ?? "" }
        return texts
    }

    /// The code that a request brings along.
    func code(_ json: JSON) throws -> CodeSource {
        if let bucket = json["S3Bucket"]?.string, let key = json["S3Key"]?.string {
            return try code.keep(configuration.readObject(bucket, key, CodeArchive.Limits().zippedBytes))
        }
        guard let text = json["ZipFile"]?.string else {
            throw FunctionError(
                .invalidParameterValue,
                "Please provide the code as ZipFile, or as S3Bucket and S3Key; an image is not taken"
            )
        }
        guard let archive = Data(base64Encoded: text) else {
            throw FunctionError(.invalidParameterValue, "ZipFile must be an archive in Base64")
        }
        return try code.keep(Array(archive))
    }

    // MARK: - Tags and permissions

    private func tags(_ operation: String, _ input: JSON) async throws -> JSON {
        let named: JSON = ["FunctionName": input["Resource"] ?? .null]
        switch operation {
        case "TagResource":
            _ = try await change(named) { function in
                function.configuration.tags.merge(Self.texts(input["Tags"])) { _, new in new }
            }
        case "UntagResource":
            let keys = input["TagKeys"]?.array?.compactMap(\.string) ?? []
            _ = try await change(named) { function in
                for key in keys { function.configuration.tags[key] = nil }
            }
        default:
            let tags = try function(named).configuration.tags
            return ["Tags": .object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))]
        }
        return [:]
    }

    /// Answers with the statement; nothing is kept, since nothing is refused for want of it.
    private func addPermission(_ input: JSON) throws -> JSON {
        let function = try function(input)
        let statement: JSON = [
            "Sid": input["StatementId"] ?? "statement", "Effect": "Allow",
            "Principal": ["Service": input["Principal"] ?? "*"], "Action": input["Action"] ?? "lambda:InvokeFunction",
            "Resource": .string(arn(of: function.configuration.name)),
        ]
        return ["Statement": .string(statement.text)]
    }
}
