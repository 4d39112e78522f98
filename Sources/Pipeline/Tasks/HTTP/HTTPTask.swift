public import DurableExecution
internal import JSON
public import Notifications
public import StatesLanguage

/// Runs `arn:aws:states:::http:invoke` tasks: calls an API elsewhere.
///
/// Unlike AWS, an endpoint may be plain HTTP and needs no connection. A task that runs again after a crash calls again.
public struct HTTPTask: TaskHandler {
    /// What these tasks can ask.
    public static let integration = Integration("http", actions: ["invoke"])

    private let sender: HTTPSender
    private let connections: [Connection]
    private let region: String

    /// A handler with some connections.
    ///
    /// - Parameters:
    ///   - sender: What sends.
    ///   - connections: Those that tasks may name.
    ///   - region: The region, which the user agent tells.
    public init(sender: HTTPSender = HTTPSender(), connections: [Connection] = [], region: String = "us-east-1") {
        self.sender = sender
        self.connections = connections
        self.region = region
    }

    /// Calls the API.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        let parameters = try TaskParameters(task, names: HTTPCall.names)
        let call = try HTTPCall(parameters, connection: connection(parameters), region: region)
        let response: HTTPSender.Response
        do {
            response = try await sender.send(call.request)
        } catch HTTPSender.Failure.socket(let reason) {
            throw StatesError(name: "States.Http.Socket", cause: reason)
        } catch HTTPSender.Failure.tooLarge {
            throw StatesError(
                name: StatesError.dataLimitExceeded,
                cause: "The state/task 'http' returned a result with a size exceeding the maximum number of bytes "
                    + "service limit."
            )
        }
        return .succeeded(try Self.result(of: response, for: parameters))
    }

    private func connection(_ parameters: TaskParameters) throws -> Connection? {
        var arn: String?
        for name in ["InvocationConfig", "Authentication"] {
            guard let object = try parameters.optionalObject(name) else { continue }
            guard let text = object["ConnectionArn"]?.string else {
                throw parameters.refusal("The field '\(name).ConnectionArn' is required but was missing")
            }
            arn = arn ?? text
        }
        guard let arn else { return nil }
        let name = arn.split(separator: "/").dropFirst().first.map(String.init) ?? arn
        guard let connection = connections.first(where: { $0.name == name }) else {
            let known = connections.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw StatesError(
                name: "Events.ConnectionResource.ResourceNotFound",
                cause: "Connection '\(arn)' does not exist; "
                    + (known.isEmpty ? "none is configured" : "the connections here are \(known)")
                    + ", add it to \"connections\" in config.json"
            )
        }
        return connection
    }

    // MARK: The answer

    private static func result(of response: HTTPSender.Response, for parameters: TaskParameters) throws -> JSON {
        let type = response.headers.first { $0.name.lowercased() == "content-type" }?.value.lowercased() ?? ""
        let media = type.prefix { $0 != ";" }.trimmingSpaces
        let isBinary = ["image/", "video/", "audio/"].contains(where: media.hasPrefix)
        guard !isBinary, media != "application/octet-stream",
            let text = String(validating: response.body, as: UTF8.self)
        else {
            throw StatesError(
                name: StatesError.runtime,
                cause: "The response of \(parameters["ApiEndpoint"]?.string ?? "the endpoint") cannot be read as text: "
                    + "its content type is \"\(media)\""
            )
        }
        guard (200..<300).contains(response.status) else {
            throw StatesError(
                name: "States.Http.StatusCode.\(response.status)",
                cause: text.isEmpty ? "\(response.status) \(response.reason)" : String(text.prefix(32_768))
            )
        }
        let isJSON = media == "application/json" || media.hasSuffix("+json")
        let body = isJSON ? (try? JSON(parsing: text)) ?? .string(text) : .string(text)
        return [
            "Headers": headers(response), "ResponseBody": body, "StatusCode": JSON(response.status),
            "StatusText": .string(response.reason),
        ]
    }

    /// The values of each header as a list, under its name as it came first.
    private static func headers(_ response: HTTPSender.Response) -> JSON {
        var headers = JSONObject()
        var names: [String: String] = [:]
        for field in response.headers {
            let name = names[field.name.lowercased(), default: field.name]
            names[field.name.lowercased()] = name
            headers[name] = .array((headers[name]?.array ?? []) + [.string(field.value)])
        }
        return .object(headers)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String { String(drop { $0 == " " }.prefix { $0 != " " }) }
}
