internal import FoundationEssentials
public import Functions
internal import JSON

extension RESTRoute {
    /// The operations of Lambda.
    public static func functions(_ service: FunctionService) -> [RESTRoute] { FunctionRoutes(service: service).all }
}

/// The paths of Lambda's operations, as AWS's clients call them.
struct FunctionRoutes {
    let service: FunctionService

    private static let functions = "/2015-03-31/functions"
    private static let layers = "/2018-10-31/layers"
    private static let one = "\(functions)/{FunctionName}"
    private static let qualifier = RESTRoute.QueryMember("Qualifier")

    /// Requests that bring code or a payload along may be larger than others: an archive of 50 MB in Base64.
    static func maximumBytes(of uri: String) -> Int? {
        uri.hasPrefix(functions) || uri.hasPrefix(layers) ? 72 << 20 : nil
    }

    var all: [RESTRoute] {
        onFunctions + onLayers + [
            RESTRoute("POST", "\(Self.one)/invocations", query: [Self.qualifier], isWatched: false, exchange: invoke)
        ]
    }

    private var onFunctions: [RESTRoute] {
        [
            route("CreateFunction", "POST", Self.functions, status: 201),
            route("CreateFunction", "POST", "\(Self.functions)/", status: 201),
            route("ListFunctions", "GET", Self.functions), route("ListFunctions", "GET", "\(Self.functions)/"),
            route("GetFunction", "GET", Self.one, query: [Self.qualifier]),
            route("DeleteFunction", "DELETE", Self.one, query: [Self.qualifier], status: 204),
            route("GetFunctionConfiguration", "GET", "\(Self.one)/configuration", query: [Self.qualifier]),
            route("UpdateFunctionConfiguration", "PUT", "\(Self.one)/configuration"),
            route("UpdateFunctionCode", "PUT", "\(Self.one)/code"),
            route("AddPermission", "POST", "\(Self.one)/policy", query: [Self.qualifier], status: 201),
            route("GetPolicy", "GET", "\(Self.one)/policy", query: [Self.qualifier]),
            route("RemovePermission", "DELETE", "\(Self.one)/policy/{StatementId}", status: 204),
            route("PutFunctionConcurrency", "PUT", "/2017-10-31/functions/{FunctionName}/concurrency"),
            route(
                "DeleteFunctionConcurrency",
                "DELETE",
                "/2017-10-31/functions/{FunctionName}/concurrency",
                status: 204
            ),
            route("GetFunctionConcurrency", "GET", "/2019-09-30/functions/{FunctionName}/concurrency"),
            route("ListTags", "GET", "/2017-03-31/tags/{Resource}"),
            route("TagResource", "POST", "/2017-03-31/tags/{Resource}", status: 204),
            route(
                "UntagResource",
                "DELETE",
                "/2017-03-31/tags/{Resource}",
                query: [.init("TagKeys", named: "tagKeys", .list)],
                status: 204
            ),
        ]
    }

    private var onLayers: [RESTRoute] {
        let versions = "\(Self.layers)/{LayerName}/versions"
        return [
            RESTRoute("GET", Self.layers, query: [.init("find"), .init("Arn")], isWatched: false) { request in
                // One path for two operations, told apart by the query.
                let isOne = request.members["find"]?.string == "LayerVersion"
                return try await call(isOne ? "GetLayerVersion" : "ListLayers", request, status: 200)
            },
            route("PublishLayerVersion", "POST", versions, status: 201),
            route("ListLayerVersions", "GET", versions),
            route("GetLayerVersion", "GET", "\(versions)/{VersionNumber}"),
            route("DeleteLayerVersion", "DELETE", "\(versions)/{VersionNumber}", status: 204),
        ]
    }

    private func route(
        _ operation: String,
        _ method: String,
        _ path: String,
        query: [RESTRoute.QueryMember] = [],
        status: Int = 200
    ) -> RESTRoute {
        RESTRoute(method, path, query: query, isWatched: false) { try await call(operation, $0, status: status) }
    }

    private func call(_ operation: String, _ request: HTTPExchange, status: Int) async throws -> HTTPReply {
        var input: JSON = [:]
        if !request.body.isEmpty {
            do {
                input = try JSON(parsing: request.body)
            } catch {
                throw WireError("SerializationException", "the request is not JSON: \(error)")
            }
            guard input.object != nil else {
                throw WireError("SerializationException", "the request must be a JSON object, it is \(input.typeName)")
            }
        }
        for (name, value) in request.members { input[name] = value }
        let output = try await service.call(operation, input)
        return HTTPReply(status: status, body: status == 204 ? [] : output.utf8)
    }

    // MARK: - Invoking

    private func invoke(_ request: HTTPExchange) async throws -> HTTPReply {
        let name = try FunctionName(
            request.members["FunctionName"]?.string ?? "",
            qualifier: request.members["Qualifier"]?.string
        )
        let type = request.header("X-Amz-Invocation-Type") ?? "RequestResponse"
        switch type {
        case "DryRun":
            try service.checkInvocation(name, payload: request.body)
            return HTTPReply(status: 204)
        case "Event":
            let id = try await service.sendEvent(name, payload: request.body)
            return HTTPReply(status: 202, headers: [("X-Millrace-Event-Id", id)])
        case "RequestResponse":
            return try await invokeAndWait(name, request)
        default:
            throw FunctionError(
                .validation,
                "1 validation error detected: Value '\(type.prefix(100))' at 'invocationType' failed to satisfy "
                    + "constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
            )
        }
    }

    private func invokeAndWait(_ name: FunctionName, _ request: HTTPExchange) async throws -> HTTPReply {
        let context = request.header("X-Amz-Client-Context").flatMap { Data(base64Encoded: $0) }
        let result = try await service.invoke(
            name,
            payload: request.body,
            clientContext: context.map { String(decoding: $0, as: UTF8.self) },
            wantsLog: request.header("X-Amz-Log-Type") == "Tail",
            requestID: request.requestID
        )
        var headers = [("X-Amz-Executed-Version", FunctionName.latest)]
        if result.isError { headers.append(("X-Amz-Function-Error", "Unhandled")) }
        if let log = result.logTail { headers.append(("X-Amz-Log-Result", Data(log.utf8).base64EncodedString())) }
        return HTTPReply(headers: headers.map { (name: $0.0, value: $0.1) }, body: result.payload)
    }
}
