/// What `TestState` takes.
public struct TestStateRequest: Sendable {
    /// How much is told of the data's way.
    public enum InspectionLevel: String, Sendable, CaseIterable {
        /// The output, or the error.
        case info = "INFO"
        /// And what each step made of the data.
        case debug = "DEBUG"
        /// And the request and response of an HTTP task.
        case trace = "TRACE"
    }

    /// What stands in for the task, the iterations or the branches.
    public struct Mock: Sendable, Equatable {
        /// The result, as JSON text.
        public var result: String?
        /// The error in place of a result.
        public var error: String?
        /// The error's cause.
        public var cause: String?
        /// How strictly the result is compared with what the integration answers: `STRICT`, `PRESENT` or `NONE`.
        public var fieldValidationMode: String

        /// A mock of a result or an error.
        public init(
            result: String? = nil,
            error: String? = nil,
            cause: String? = nil,
            fieldValidationMode: String = "STRICT"
        ) {
            self.result = result
            self.error = error
            self.cause = cause
            self.fieldValidationMode = fieldValidationMode
        }
    }

    /// A state, or a whole definition that has the state `stateName`.
    public var definition: String
    /// Which state of the definition is tested.
    public var stateName: String?
    /// The role; `nil` with a mock, which needs none.
    public var roleArn: String?
    /// The state's input, as JSON text.
    public var input: String
    /// The variables that are set when the state is entered, as JSON text.
    public var variables: String?
    /// The context object, as JSON text.
    public var context: String?
    /// How much is told.
    public var inspectionLevel: InspectionLevel
    /// Whether secrets of HTTP tasks are shown.
    public var revealsSecrets: Bool
    /// What stands in for the task.
    public var mock: Mock?
    /// How often the retrier of the mocked error has retried.
    public var retrierRetryCount: Int
    /// The state within a Map or Parallel that the mocked error comes from.
    public var errorCausedByState: String?
    /// How many iterations of a distributed Map failed.
    public var mapIterationFailureCount: Int?
    /// What the `ItemReader` of a distributed Map reads.
    public var mapItemReaderData: String?

    /// A test of a definition with an input.
    public init(definition: String, input: String = "{}") {
        self.definition = definition
        self.input = input
        inspectionLevel = .info
        revealsSecrets = false
        retrierRetryCount = 0
    }
}
