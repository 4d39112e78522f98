public import JSON

/// A Map Run to be done: the children of a distributed Map state.
///
/// The interpreter has evaluated all fields that are evaluated once; those of each item are evaluated when its child is
/// started, by `MapRunInputs`.
public struct MapRunRequest: Sendable, Equatable {
    /// The run's id, unique in its execution; shares its numbers with tasks.
    public var id: Int
    /// The run's ARN: `arn:aws:states:REGION:ACCOUNT:mapRun:MACHINE/LABEL:UUID`.
    public var arn: String
    /// The Map state.
    public var stateName: String
    /// The state's label, or the id that stands for it.
    public var label: String
    /// Whether the children are Express executions.
    public var isExpress: Bool
    /// How many children may run at once; 0 for as many as there may be.
    public var maxConcurrency: Int
    /// How many items may fail; `nil` unless given.
    public var toleratedFailureCount: Int?
    /// How many percent of the items may fail; `nil` unless given.
    ///
    /// With neither limit, none may fail.
    public var toleratedFailurePercentage: Double?
    /// Where the items come from.
    public var source: Source
    /// How many items go into one child; `nil` for one that is the child's input itself.
    public var batch: Batch?
    /// Where the results go; `nil` when they are the state's result.
    public var writer: Writer?
    /// What is needed to evaluate the fields of each item: the state's input, variables and context.
    public var scope: JSON

    /// Where the items come from.
    public enum Source: Sendable, Equatable {
        /// The elements of an array, or the members of an object.
        case items(JSON)
        /// Objects of a bucket: the reader's resource, its evaluated arguments, its `ReaderConfig` with `MaxItems`
        /// evaluated.
        case reader(resource: String, arguments: JSON, config: JSONObject)
    }

    /// What `ItemBatcher` says, evaluated.
    public struct Batch: Sendable, Equatable {
        /// So many items go into one child at most.
        public var maxItems: Int?
        /// So many bytes of JSON text may the input of one child have at most.
        public var maxInputBytes: Int?
        /// What goes into each batch as `BatchInput`.
        public var input: JSON?

        /// A batch of these limits.
        public init(maxItems: Int?, maxInputBytes: Int?, input: JSON?) {
            self.maxItems = maxItems
            self.maxInputBytes = maxInputBytes
            self.input = input
        }
    }

    /// What `ResultWriter` says, evaluated.
    public struct Writer: Sendable, Equatable {
        /// Who writes; `nil` when the results are the state's result in the form that the configuration asks for.
        public var resource: String?
        /// The evaluated arguments: `Bucket` and `Prefix`.
        public var arguments: JSON
        /// `WriterConfig`: `Transformation` and `OutputType`.
        public var config: JSONObject

        /// A writer of all its parts.
        public init(resource: String?, arguments: JSON, config: JSONObject) {
            self.resource = resource
            self.arguments = arguments
            self.config = config
        }
    }

    /// A Map Run of all its parts.
    public init(
        id: Int,
        arn: String,
        stateName: String,
        label: String,
        isExpress: Bool,
        maxConcurrency: Int,
        toleratedFailureCount: Int?,
        toleratedFailurePercentage: Double?,
        source: Source,
        batch: Batch?,
        writer: Writer?,
        scope: JSON
    ) {
        self.id = id
        self.arn = arn
        self.stateName = stateName
        self.label = label
        self.isExpress = isExpress
        self.maxConcurrency = maxConcurrency
        self.toleratedFailureCount = toleratedFailureCount
        self.toleratedFailurePercentage = toleratedFailurePercentage
        self.source = source
        self.batch = batch
        self.writer = writer
        self.scope = scope
    }
}
