import JSON

/// What a Map state has beyond the inline ones when its processor's mode is `DISTRIBUTED`.
struct DistributedMap: Sendable {
    /// Whether the children are Standard or Express executions.
    var executionType: StateMachineType
    /// What stands in the ARNs of the Map Run and its children; without it, an id made for each run.
    var label: String?
    var reader: ItemReader?
    var batcher: ItemBatcher?
    var writer: ResultWriter?
    var toleratedFailureCount: Limit?
    var toleratedFailurePercentage: Share?

    /// A percentage that is written down, found by a path or computed.
    enum Share: Sendable, Equatable {
        case value(Double)
        case path(JSONPath)
        case expression(JSONataExpression)
    }

    /// Where the items are, when they are not in the input.
    struct ItemReader: Sendable {
        /// `arn:aws:states:::s3:getObject` or `…:s3:listObjectsV2`.
        var resource: String
        var arguments: Template?
        /// `ReaderConfig` but for `MaxItems`: `InputType`, `CSVHeaderLocation`, `CSVHeaders`, `CSVDelimiter`, ….
        var config: JSONObject
        var maxItems: Limit?
    }

    /// How many items go into one child.
    struct ItemBatcher: Sendable {
        var maxItemsPerBatch: Limit?
        var maxInputBytesPerBatch: Limit?
        var batchInput: Template?
    }

    /// Where the results go, when they are not put into the output.
    struct ResultWriter: Sendable {
        /// `arn:aws:states:::s3:putObject`; `nil` when only the form of the output is configured.
        var resource: String?
        var arguments: Template?
        /// `WriterConfig`: `Transformation` and `OutputType`.
        var config: JSONObject
    }
}
