public import JSON

/// What a configuration is checked against beyond its own shape.
///
/// The facts belong to other nouns (operations, recipes, schemas, expressions), so they come in as closures; whoever
/// wires the program supplies the real ones.
public struct ConfigurationRules: Sendable {
    /// What is wrong with the input of an operation: path within the input, and fact with remedy.
    public var operationFaults: @Sendable (_ operation: String, _ input: JSON) -> [Fault]
    /// The members an operation's input may have.
    public var operationKeys: @Sendable (_ operation: String) -> [String]
    /// The ARNs of the recipes that can be trained.
    public var recipeARNs: @Sendable () -> [String]
    /// What is wrong with the Avro schema of a dataset type.
    public var schemaFaults: @Sendable (_ type: String, _ domain: String?, _ schema: JSON) -> [Fault]
    /// What is wrong with a schedule expression in a time zone; `nil` when nothing is.
    public var scheduleFault: @Sendable (_ expression: String, _ timeZone: String) -> String?
    /// What is wrong with a time zone's name; `nil` when nothing is.
    public var timeZoneFault: @Sendable (_ name: String) -> String?
    /// What is wrong with a webhook's URL or a mail address; `nil` when nothing is.
    public var notificationFault: @Sendable (PipelineConfiguration.Notification) -> String?

    /// Rules from their parts.
    public init(
        operationFaults: @escaping @Sendable (String, JSON) -> [Fault],
        operationKeys: @escaping @Sendable (String) -> [String],
        recipeARNs: @escaping @Sendable () -> [String],
        schemaFaults: @escaping @Sendable (String, String?, JSON) -> [Fault],
        scheduleFault: @escaping @Sendable (String, String) -> String?,
        timeZoneFault: @escaping @Sendable (String) -> String?,
        notificationFault: @escaping @Sendable (PipelineConfiguration.Notification) -> String?
    ) {
        self.operationFaults = operationFaults
        self.operationKeys = operationKeys
        self.recipeARNs = recipeARNs
        self.schemaFaults = schemaFaults
        self.scheduleFault = scheduleFault
        self.timeZoneFault = timeZoneFault
        self.notificationFault = notificationFault
    }
}
