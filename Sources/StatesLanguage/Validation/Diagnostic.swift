/// One fault of a definition, with its place.
public struct Diagnostic: Sendable, Equatable {
    /// How bad a fault is.
    public enum Severity: String, Sendable {
        /// The definition is refused.
        case error = "ERROR"
        /// The definition is accepted, but probably does not do what its author meant.
        case warning = "WARNING"
    }

    /// A class of faults, in AWS's words.
    public enum Code: String, Sendable {
        /// A field is missing, unknown, of a wrong type or out of range.
        case schemaValidationFailed = "SCHEMA_VALIDATION_FAILED"
        /// A transition leads nowhere, or nothing leads to a state.
        case missingTransitionTarget = "MISSING_TRANSITION_TARGET"
        /// No state ends the workflow.
        case missingEndState = "MISSING_END_STATE"
        /// Two states have one name.
        case duplicateStateName = "DUPLICATE_STATE_NAME"
        /// A part of the language that this version does not run.
        case notSupported = "NOT_SUPPORTED"
    }

    /// Whether the definition is refused for this.
    public var severity: Severity
    /// The class of the fault.
    public var code: Code
    /// The field, as a path from the top: `/States/Train/Retry[0]/MaxAttempts`; `nil` for the whole definition.
    public var location: String?
    /// What is wrong and, where it helps, what to write instead.
    public var message: String

    /// A fault at a place.
    public init(severity: Severity = .error, code: Code, location: String?, message: String) {
        self.severity = severity
        self.code = code
        self.location = location
        self.message = message
    }
}

extension Diagnostic: CustomStringConvertible {
    /// The fault in one line, as AWS writes it: `CODE: message at /place`.
    public var description: String {
        "\(code.rawValue): \(message)" + (location.map { " at \($0)" } ?? "")
    }
}

/// A definition was refused.
public struct DefinitionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Every fault found; at least one is an error.
    public let diagnostics: [Diagnostic]

    /// Faults separated by commas, as `CreateStateMachine` answers them.
    public var description: String {
        diagnostics.filter { $0.severity == .error }.map(\.description).joined(separator: ", ")
    }
}
