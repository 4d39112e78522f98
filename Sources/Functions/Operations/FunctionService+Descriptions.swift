internal import FoundationEssentials
internal import JSON
internal import Synchronization

/// Functions and layers as Lambda describes them.
extension FunctionService {
    func json(of function: Function) -> JSON {
        let settings = function.configuration
        var json: JSON = [
            "FunctionName": .string(settings.name), "FunctionArn": .string(arn(of: settings.name)),
            "Runtime": .string(settings.runtime ?? "provided"), "Role": .string(settings.role ?? ""),
            "Handler": .string(settings.handler ?? settings.command?.joined(separator: " ") ?? ""),
            "Description": .string(settings.description), "Timeout": .init(settings.timeoutSeconds),
            "MemorySize": .init(settings.memoryMegabytes), "LastModified": .string(Self.text(function.lastModified)),
            "Version": .string(FunctionName.latest), "RevisionId": .string(function.revisionID),
            "State": "Active", "LastUpdateStatus": "Successful", "PackageType": "Zip",
            "Architectures": [.string(Self.architecture)],
            "EphemeralStorage": ["Size": .init(settings.storageMegabytes)],
            "TracingConfig": ["Mode": "PassThrough"],
            "LoggingConfig": ["LogFormat": "Text", "LogGroup": .string("/aws/lambda/\(settings.name)")],
        ]
        switch function.code {
        case .archive(let hash, let size):
            json["CodeSha256"] = .string(Self.base64(ofHexadecimal: hash))
            json["CodeSize"] = .init(size)
        case .folder(let path, let mark):
            json["CodeSha256"] = .string(mark)
            json["CodeSize"] = 0
            json["CodeFolder"] = .string(path)
        }
        if !settings.environment.isEmpty {
            let variables = settings.environment.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
            json["Environment"] = ["Variables": .object(JSONObject(variables))]
        }
        if !settings.layers.isEmpty {
            json["Layers"] = .array(
                settings.layers.map { arn in
                    ["Arn": .string(arn), "CodeSize": .init((try? layer(arn)).map(Self.size) ?? 0)]
                }
            )
        }
        return json
    }

    func describe(_ function: Function) -> JSON {
        let settings = function.configuration
        var json: JSON = [
            "Configuration": self.json(of: function),
            "Concurrency": ["ReservedConcurrentExecutions": .init(settings.concurrency)],
        ]
        if case .archive(let hash, _) = function.code {
            json["Code"] = [
                "RepositoryType": "File", "Location": .string("file://\(configuration.code)/\(hash).zip"),
            ]
        }
        if !settings.tags.isEmpty {
            json["Tags"] = .object(
                JSONObject(settings.tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
            )
        }
        return json
    }

    func listFunctions() -> JSON {
        lookAtFoldersIfDue()
        let functions = state.withLock { $0.functions.values.sorted { $0.configuration.name < $1.configuration.name } }
        return ["Functions": .array(functions.map(json(of:)))]
    }

    static func text(_ seconds: Double) -> String {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return Date(timeIntervalSince1970: seconds).formatted(style).replacing("Z", with: "+0000")
    }

    static func base64(ofHexadecimal text: String) -> String {
        var bytes: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return Data(bytes).base64EncodedString()
    }

    static func size(_ layer: LayerVersion) -> Int {
        if case .archive(_, let size) = layer.code { size } else { 0 }
    }

    private static var architecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "x86_64"
        #endif
    }
}
