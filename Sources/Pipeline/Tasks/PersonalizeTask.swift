public import DurableExecution
internal import JSON
public import Personalize
public import StatesLanguage

/// Runs `arn:aws:states:::aws-sdk:personalize:…` tasks against the operation table.
public struct PersonalizeTask: TaskHandler {
    /// What these tasks can ask: every operation of the table.
    public static let integration = Integration(
        "aws-sdk:personalize",
        actions: PersonalizeService.operationNames.map { "\($0.prefix(1).lowercased())\($0.dropFirst())" }.sorted()
    )

    private let personalize: PersonalizeService
    private let clock: any Clock<Duration>

    /// How long a describe of a resource that is on its way waits for it to arrive, so that a definition that polls
    /// goes on with the event and not with the next poll.
    private static let patience = Duration.seconds(20)

    /// A handler for one service.
    public init(personalize: PersonalizeService, clock: any Clock<Duration>) {
        self.personalize = personalize
        self.clock = clock
    }

    /// Calls the operation that the resource names.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        let operation = task.action.prefix(1).uppercased() + task.action.dropFirst()
        let input = SDKCase.personalize.wire(fromSDK: task.parameters)
        if operation.hasPrefix("Describe"), let arn = Self.describedARN(operation, input) {
            try await settle(arn)
        }
        let context = OperationContext(clientToken: operation.hasPrefix("Create") ? task.clientToken : nil)
        do {
            // A campaign's promotion policy has a say when a definition moves it.
            let answer =
                operation == "UpdateCampaign"
                ? try await personalize.moveCampaign(input)
                : try await personalize.call(operation, input, context: context)
            return .succeeded(SDKCase.personalize.sdk(fromWire: answer))
        } catch let error as PersonalizeError {
            throw StatesError(name: "Personalize.\(error.code.rawValue)", cause: error.message)
        }
    }

    private func settle(_ arn: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await personalize.waitUntilSettled(arn) }
            group.addTask { try await clock.sleep(for: Self.patience) }
            try await group.next()
            group.cancelAll()
        }
    }

    private static func describedARN(_ operation: String, _ input: JSON) -> String? {
        let kind = operation.dropFirst("Describe".count)
        return input["\(kind.prefix(1).lowercased())\(kind.dropFirst())Arn"]?.string
    }
}
