public import DurableExecution
public import Functions
internal import JSON
public import StatesLanguage

/// Runs functions for Task states: `arn:aws:states:::lambda:invoke`, and the ARN of a function as it is.
///
/// An error of a function has the name of its `errorType`, and its payload as cause, as on AWS; a refusal of the
/// service is `Lambda.TooManyRequestsException` and its kin.
public struct LambdaTask: TaskHandler {
    /// What these tasks can ask.
    public static let integration = Integration("lambda", actions: ["invoke"])
    /// What the ARNs of functions begin with.
    public static let functionARNs = "arn:aws:lambda:"

    private static let names: Set<String> = [
        "FunctionName", "Payload", "InvocationType", "Qualifier", "ClientContext", "LogType",
    ]

    private let functions: FunctionService
    private let makeID: @Sendable () -> String

    /// A handler for one service; the other makes the ids of requests.
    public init(functions: FunctionService, makeID: @escaping @Sendable () -> String) {
        self.functions = functions
        self.makeID = makeID
    }

    /// Invokes the function that the resource or its parameters name.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        let requestID = makeID()
        do {
            guard task.resource.hasPrefix(Self.functionARNs) else { return try await invoke(task, requestID) }
            let name = try FunctionName(task.resource)
            let result = try await functions.invoke(name, payload: task.parameters.utf8, requestID: requestID)
            return .succeeded(try Self.payload(of: result))
        } catch let error as FunctionError {
            let text = "\(error.message) (Service: Lambda, Status Code: \(error.status), Request ID: \(requestID))"
            throw StatesError(name: "Lambda.\(error.code.rawValue)", cause: text)
        }
    }

    private func invoke(_ task: TaskInvocation, _ requestID: String) async throws -> TaskResult {
        let parameters = try TaskParameters(task, names: Self.names)
        let name = try FunctionName(
            parameters.string("FunctionName"),
            qualifier: parameters.optionalString("Qualifier")
        )
        let payload = (parameters["Payload"] ?? [:]).utf8
        switch try parameters.optionalString("InvocationType") ?? "RequestResponse" {
        case "RequestResponse":
            let wantsLog = try parameters.optionalString("LogType") == "Tail"
            let result = try await functions.invoke(
                name,
                payload: payload,
                clientContext: parameters.optionalString("ClientContext"),
                wantsLog: wantsLog,
                requestID: requestID
            )
            return .succeeded(Self.answer(try Self.payload(of: result), status: 200, result.logTail, requestID))
        case "Event":
            // The key lets a task that is run again after a crash add nothing.
            try await functions.sendEvent(name, payload: payload, key: "task \(task.clientToken)")
            return .succeeded(Self.answer("", status: 202, nil, requestID))
        case "DryRun":
            try functions.checkInvocation(name, payload: payload)
            return .succeeded(Self.answer("", status: 204, nil, requestID))
        default:
            throw parameters.malformed("InvocationType")
        }
    }

    private static func answer(_ payload: JSON, status: Int, _ log: String?, _ requestID: String) -> JSON {
        var answer: JSON = [
            "ExecutedVersion": .string(FunctionName.latest), "Payload": payload, "StatusCode": .init(status),
        ]
        if let log { answer["LogResult"] = .string(log) }
        var full = SDKMetadata.adding(to: answer, requestID: requestID)
        full["SdkHttpMetadata"]?["HttpStatusCode"] = .init(status)
        return full
    }

    private static func payload(of result: InvocationResult) throws(StatesError) -> JSON {
        let payload = (try? JSON(parsing: result.payload)) ?? .null
        guard result.isError else { return payload }
        let type = payload["errorType"]?.string ?? ""
        throw StatesError(
            name: type.isEmpty ? "Lambda.Unknown" : type,
            cause: String(decoding: result.payload, as: UTF8.self)
        )
    }
}

extension FunctionError {
    /// The status that the wire answers with.
    fileprivate var status: Int {
        switch code {
        case .resourceNotFound: 404
        case .resourceConflict: 409
        case .requestTooLarge: 413
        case .tooManyRequests: 429
        case .service: 500
        case .invalidParameterValue, .validation, .invalidRequestContent: 400
        }
    }
}
