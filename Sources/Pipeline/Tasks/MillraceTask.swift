public import DurableExecution
public import JSON
public import StatesLanguage

/// Runs `arn:aws:states:::millrace:…` tasks: what this service can do beyond the services of AWS.
///
/// | Action | Parameters | Output |
/// | --- | --- | --- |
/// | `recommendForItems` | `campaignArn`, `itemIds` (`numResults`, `metadataColumns`) | items for who likes those |
/// | `recommendForItemSets` | `campaignArn`, `itemIdSets` (`numResults`) | the same for many tastes |
/// | `publishAnswers` | `source`, `database`, `run`, `solutionVersionArn` | answers joined into a database |
/// | `getItemMetadata` | `campaignArn`, `itemIds` | the columns of items |
public struct MillraceTask: TaskHandler {
    /// What these tasks can ask.
    public static let integration = Integration(
        "millrace",
        actions: ["getItemMetadata", "publishAnswers", "recommendForItemSets", "recommendForItems"]
    )

    /// Calls one of the operations `Millrace.…`.
    public typealias Caller = @Sendable (_ operation: String, _ input: JSON) async throws -> JSON

    private let call: Caller

    /// A handler for one service; the caller throws `ServiceError` for what is refused.
    public init(call: @escaping Caller) {
        self.call = call
    }

    /// Calls the operation that the resource names.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        let operation = task.action.prefix(1).uppercased() + task.action.dropFirst()
        do {
            return .succeeded(try await call(operation, task.parameters))
        } catch let error as ServiceError {
            throw StatesError(name: "Millrace.\(error.code)", cause: error.message)
        }
    }
}
