public import DurableExecution
internal import JSON
public import Personalize
public import StatesLanguage

/// Runs `arn:aws:states:::aws-sdk:personalizeruntime:…` tasks: recommendations and rankings from a campaign's model.
public struct PersonalizeRuntimeTask: TaskHandler {
    /// What these tasks can ask.
    public static let integration = Integration(
        "aws-sdk:personalizeruntime",
        actions: ["getPersonalizedRanking", "getRecommendations"]
    )

    private let runtime: PersonalizeRuntime

    /// A handler for one runtime.
    public init(runtime: PersonalizeRuntime) {
        self.runtime = runtime
    }

    /// Asks the runtime what the resource names.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        let input = SDKCase.personalize.wire(fromSDK: task.parameters)
        do throws(PersonalizeError) {
            let isRanking = task.action == "getPersonalizedRanking"
            let answer =
                runtime.isForProgram(input)
                ? try await isRanking ? runtime.programRanking(input) : runtime.programRecommendations(input)
                : try isRanking ? runtime.getPersonalizedRanking(input) : runtime.getRecommendations(input)
            return .succeeded(SDKCase.personalize.sdk(fromWire: answer))
        } catch {
            throw StatesError(name: "PersonalizeRuntime.\(error.code.rawValue)", cause: error.message)
        }
    }
}
