public import DurableExecution
internal import JSON
public import Personalize
public import StatesLanguage

/// Runs `arn:aws:states:::aws-sdk:sagemakerruntime:invokeEndpoint` tasks: a campaign is the endpoint.
///
/// `Body` is a text; an answer that is text comes back as one.
public struct EndpointTask: TaskHandler {
    /// What these tasks can ask.
    public static let integration = Integration("aws-sdk:sagemakerruntime", actions: ["invokeEndpoint"])

    private let personalize: PersonalizeService

    /// A handler for one service.
    public init(personalize: PersonalizeService) {
        self.personalize = personalize
    }

    /// Asks the endpoint.
    public func run(_ task: TaskInvocation) async throws -> TaskResult {
        let parameters = try TaskParameters(task)
        let name = try parameters.string("EndpointName")
        guard let body = parameters["Body"] else {
            throw parameters.refusal("The field 'Body' is required but was missing")
        }
        let question = ProgramMessage(
            body: body.string.map { Array($0.utf8) } ?? body.utf8,
            contentType: try parameters.optionalString("ContentType") ?? "application/json",
            accept: try parameters.optionalString("Accept")
        )
        do throws(PersonalizeError) {
            let (answer, version) = try await personalize.invokeEndpoint(name, question)
            let text = String(decoding: answer.message.body, as: UTF8.self)
            guard (200..<300).contains(answer.status) else {
                throw PersonalizeError(
                    .modelError,
                    "the model answered with status \(answer.status): \(text.prefix(1000))"
                )
            }
            return .succeeded([
                "Body": .string(text), "ContentType": .string(answer.message.contentType),
                "InvokedProductionVariant": .string(version),
            ])
        } catch {
            throw StatesError(name: "SageMakerRuntime.\(Self.exception(error.code))", cause: error.message)
        }
    }

    private static func exception(_ code: PersonalizeError.Code) -> String {
        switch code {
        case .resourceNotFound, .invalidInput: "ValidationErrorException"
        case .modelError: "ModelErrorException"
        case .serviceUnavailable: "ServiceUnavailableException"
        default: "SageMakerRuntimeException"
        }
    }
}
