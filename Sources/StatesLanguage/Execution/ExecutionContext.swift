public import FoundationEssentials
import JSON

/// What the context object (`$$`) says about an execution and its machine.
public struct ExecutionContext: Sendable, Equatable {
    /// The execution: `$$.Execution`.
    public var execution: Execution
    /// Its machine: `$$.StateMachine`.
    public var stateMachine: StateMachine

    /// The execution's part of the context object.
    public struct Execution: Sendable, Equatable {
        /// The execution's ARN.
        public var id: String
        /// The execution's name.
        public var name: String
        /// The role it runs as.
        public var roleArn: String
        /// When it started.
        public var startTime: Date
        /// The input it was started with.
        public var input: Payload
        /// How often it was redriven.
        public var redriveCount: Int
        /// When it was last redriven.
        public var redriveTime: Date?

        /// An execution that starts.
        public init(
            id: String,
            name: String,
            roleArn: String,
            startTime: Date,
            input: Payload,
            redriveCount: Int = 0,
            redriveTime: Date? = nil
        ) {
            self.id = id
            self.name = name
            self.roleArn = roleArn
            self.startTime = startTime
            self.input = input
            self.redriveCount = redriveCount
            self.redriveTime = redriveTime
        }
    }

    /// The machine's part of the context object.
    public struct StateMachine: Sendable, Equatable {
        /// The machine's ARN.
        public var id: String
        /// The machine's name.
        public var name: String

        /// A machine.
        public init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// The context of an execution.
    public init(execution: Execution, stateMachine: StateMachine) {
        self.execution = execution
        self.stateMachine = stateMachine
    }
}

extension ExecutionContext.Execution {
    /// `$$.Execution` as a definition sees it.
    var json: JSON {
        var object: JSONObject = [
            "Id": .string(id), "Input": input.value, "StartTime": .string(Timestamp.text(startTime)),
            "Name": .string(name), "RoleArn": .string(roleArn), "RedriveCount": JSON(redriveCount),
        ]
        if let redriveTime { object["RedriveTime"] = .string(Timestamp.text(redriveTime)) }
        return .object(object)
    }
}

extension ExecutionContext.StateMachine {
    /// `$$.StateMachine` as a definition sees it.
    var json: JSON { ["Id": .string(id), "Name": .string(name)] }
}
