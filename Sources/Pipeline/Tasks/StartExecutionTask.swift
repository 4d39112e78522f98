internal import Crypto
public import DurableExecution
internal import FoundationEssentials
internal import JSON
public import StatesLanguage

/// Runs `arn:aws:states:::states:startExecution` tasks: executions that start others, and wait for their end or not.
public struct StartExecutionTask: TaskHandler {
    /// What these tasks can ask.
    public static let integration = Integration(
        "states",
        actions: ["startExecution"],
        patterns: Integration.Pattern.allCases
    )

    private static let names: Set<String> = ["StateMachineArn", "Name", "Input", "TraceHeader"]

    private let engine: @Sendable () -> Engine?
    private let makeID: @Sendable () -> String

    /// A handler; the functions make the ids of requests, and give the engine once there is one.
    public init(makeID: @escaping @Sendable () -> String, engine: @escaping @Sendable () -> Engine?) {
        self.makeID = makeID
        self.engine = engine
    }

    /// Starts the execution; of `.sync` resources, its end ends the task.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        let parameters = try TaskParameters(task, names: Self.names)
        let requestID = makeID()
        do {
            let execution = try await start(task, parameters)
            let answer: JSON = [
                "ExecutionArn": .string(execution.arn),
                "StartDate": JSON(Int((execution.startDate.timeIntervalSince1970 * 1000).rounded())),
            ]
            let output = SDKMetadata.adding(to: answer, requestID: requestID)
            return task.waitsForEnd ? .submitted(output) : .succeeded(output)
        } catch let error as ExecutionError {
            let status = error.code == .unavailable ? 503 : 400
            throw ServiceError(code: error.code.rawValue, message: error.message, status: status)
                .statesError(service: "StepFunctions", requestID: requestID)
        }
    }

    private func start(_ task: TaskInvocation, _ parameters: TaskParameters) async throws -> Execution {
        guard let engine = engine() else { throw ExecutionError(.unavailable, "the service is not wired yet") }
        let machine = try parameters.string("StateMachineArn")
        let name = try parameters.optionalString("Name")
        do {
            return try await engine.startExecution(
                of: machine,
                name: name ?? task.executionName,
                input: parameters["Input"].map { $0.string ?? $0.text },
                traceHeader: parameters.optionalString("TraceHeader"),
                parentTask: task.waitsForEnd ? task.key : nil
            )
        } catch let error as ExecutionError where error.code == .executionAlreadyExists {
            // Its own, of a run that a crash has ended: nobody else makes names like this one.
            guard name == nil || task.attempt > 1 else { throw error }
            return try await engine.describeExecution(Self.arn(ofExecution: name ?? task.executionName, of: machine))
        }
    }

    private static func arn(ofExecution name: String, of machine: String) -> String {
        var parts = machine.split(separator: ":", omittingEmptySubsequences: false).prefix(7).map(String.init)
        parts[5] = "execution"
        return (parts + [name]).joined(separator: ":")
    }
}

extension TaskInvocation {
    fileprivate var waitsForEnd: Bool { resource.hasSuffix(".sync") || resource.hasSuffix(".sync:2") }

    fileprivate var key: TaskKey { TaskKey(executionArn: executionArn, id: id) }

    /// A name for an execution without one that is the same when the task runs again after a crash, so that it is
    /// started once.
    var executionName: String {
        let digest = SHA256.hash(data: Array(clientToken.utf8)).prefix(16)
        let hexadecimal = digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        var parts: [Substring] = []
        var rest = Substring(hexadecimal)
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }
}
