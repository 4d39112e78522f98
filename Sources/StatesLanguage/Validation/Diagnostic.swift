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
    public enum Code: String, Sendable, CaseIterable {
        /// The text is no JSON.
        case invalidJSONDescription = "INVALID_JSON_DESCRIPTION"
        /// A field is missing, unknown, of a wrong type or out of range.
        case schemaValidationFailed = "SCHEMA_VALIDATION_FAILED"
        /// A transition leads nowhere, or nothing leads to a state.
        case missingTransitionTarget = "MISSING_TRANSITION_TARGET"
        /// No state ends the workflow.
        case missingEndState = "MISSING_END_STATE"
        /// Two states have one name.
        case duplicateStateName = "DUPLICATE_STATE_NAME"
        /// A state's name is empty or too long.
        case invalidStateName = "INVALID_STATE_NAME"
        /// Two Map states have one label.
        case duplicateLabelName = "DUPLICATE_LABEL_NAME"
        /// A label is empty, too long or has characters that it may not have.
        case invalidLabelName = "INVALID_LABEL_NAME"
        /// Branches and processors are nested too deep.
        case tooDeeplyNested = "TOO_DEEPLY_NESTED"
        /// An expression of JSONata cannot be read.
        case invalidJSONataExpression = "INVALID_JSONATA_EXPRESSION"
        /// An expression of JSONata reads what is not there.
        case unsupportedJSONataExpression = "UNSUPPORTED_JSONATA_EXPRESSION"
        /// A variable's name is no identifier.
        case invalidVariableName = "INVALID_VARIABLE_NAME"
        /// `$states` is not to be set.
        case reservedVariableName = "RESERVED_VARIABLE_NAME"
        /// A scope sets a variable that the scope around it has.
        case duplicateVariableName = "DUPLICATE_VARIABLE_NAME"
        /// A variable is read that nobody sets.
        case possiblyUndefinedVariable = "POSSIBLY_UNDEFINED_VARIABLE"
        /// A value of a template looks like an expression, but its key does not end in `.$`.
        case noDollar = "NO_DOLLAR"
        /// A value looks like a path, but the field's name does not end in `Path`.
        case noPath = "NO_PATH"
        /// The result of a Pass state holds what looks like a path.
        case passResultIsStatic = "PASS_RESULT_IS_STATIC"
    }

    /// Whether the definition is refused for this.
    public var severity: Severity
    /// The class of the fault.
    public var code: Code
    /// The field, as a path from the top: `/States/Train/Retry[0]/MaxAttempts`; `nil` for the whole definition.
    public var location: String?
    /// What is wrong, in AWS's words where they are known.
    public var message: String
    /// What to write instead, where that helps; AWS does not tell it.
    public var remedy: String?

    /// A fault at a place.
    public init(
        severity: Severity = .error,
        code: Code,
        location: String?,
        message: String,
        remedy: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.location = location
        self.message = message
        self.remedy = remedy
    }
}

extension Diagnostic: CustomStringConvertible {
    /// The fault in one line, as AWS writes it: `CODE: message at /place`, or `at null` for the whole.
    public var description: String {
        "\(code.rawValue): \(message) at \(location ?? "null")"
    }

    /// The fault in one line with its remedy, for people: `CODE: message at /place (did you mean "Retry"?)`.
    public var explanation: String {
        "\(code.rawValue): \(message)" + (location.map { " at \($0)" } ?? "") + (remedy.map { " (\($0))" } ?? "")
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
