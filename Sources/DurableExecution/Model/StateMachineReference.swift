/// The ARN of a state machine, or of a version or an alias of it.
struct StateMachineReference: Sendable, Equatable {
    /// What stands behind the state machine's own ARN.
    enum Qualifier: Sendable, Equatable {
        case none
        case version(Int)
        case alias(String)
    }

    /// The whole ARN.
    let arn: String
    /// The state machine's own ARN.
    let stateMachineArn: String
    let qualifier: Qualifier

    /// Reads an ARN; throws `InvalidArn`, and `ValidationException` for one of a Map state within a machine.
    init(_ arn: String) throws(ExecutionError) {
        try ResourceNames.check(arn, is: .stateMachine)
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        self.arn = arn
        stateMachineArn = parts.prefix(7).joined(separator: ":")
        if parts[6].contains("/") {
            throw ExecutionError(
                .validation,
                "'\(arn)' is the ARN of a Distributed Map state; name its state machine",
                reason: "API_DOES_NOT_SUPPORT_LABELED_ARNS"
            )
        }
        guard parts.count == 8 else {
            qualifier = .none
            return
        }
        let text = String(parts[7])
        guard !text.isEmpty else { throw ExecutionError(.invalidArn, "Invalid Arn: '\(arn)'") }
        if text.utf8.allSatisfy({ (48...57).contains($0) }) {
            guard let number = Int(text), number > 0 else { throw ExecutionError(.invalidArn, "Invalid Arn: '\(arn)'") }
            qualifier = .version(number)
        } else {
            qualifier = .alias(text)
        }
    }

    /// Reads the ARN of a state machine alone.
    static func unqualified(_ arn: String) throws(ExecutionError) -> String {
        let reference = try StateMachineReference(arn)
        guard reference.qualifier == .none else {
            throw ExecutionError(
                .validation,
                "'\(arn)' is the ARN of a version or an alias; use that of its state machine"
            )
        }
        return arn
    }

    /// Reads the ARN of a version.
    static func version(_ arn: String) throws(ExecutionError) -> StateMachineReference {
        let reference = try StateMachineReference(arn)
        guard case .version = reference.qualifier else { throw ExecutionError(.invalidArn, "Invalid Arn: '\(arn)'") }
        return reference
    }

    /// Reads the ARN of an alias.
    static func alias(_ arn: String) throws(ExecutionError) -> StateMachineReference {
        let reference = try StateMachineReference(arn)
        guard case .alias = reference.qualifier else { throw ExecutionError(.invalidArn, "Invalid Arn: '\(arn)'") }
        return reference
    }
}
