internal import JSON
public import Personalize

extension RESTRoute {
    /// `InvokeEndpoint` as `boto3.client("sagemaker-runtime")` calls it: the endpoint is a campaign.
    ///
    /// The body goes to the program of a custom recipe as it is; a campaign of another recipe takes the request
    /// `GetRecommendations`, or with an `inputList` `GetPersonalizedRanking`, without the ARN.
    public static func endpoints(_ service: PersonalizeService) -> [RESTRoute] {
        [
            RESTRoute(
                "POST",
                "/endpoints/{EndpointName}/invocations",
                exchange: { exchange in
                    try await invoke(service, exchange)
                }
            )
        ]
    }

    private static func invoke(_ service: PersonalizeService, _ exchange: HTTPExchange) async throws -> HTTPReply {
        let name = exchange.members["EndpointName"]?.string ?? ""
        let question = ProgramMessage(
            body: exchange.body,
            contentType: exchange.header("content-type") ?? "application/octet-stream",
            accept: exchange.header("accept")
        )
        let (answer, version): (ProgramAnswer, String)
        do throws(PersonalizeError) {
            (answer, version) = try await service.invokeEndpoint(name, question)
        } catch {
            switch error.code {
            case .resourceNotFound:
                throw WireError(
                    "ValidationError",
                    "Endpoint \(name) of account \(service.configuration.account) not found; an endpoint is a campaign."
                )
            case .invalidInput: throw WireError("ValidationError", error.message)
            default: throw error
            }
        }
        guard (200..<300).contains(answer.status) else {
            let original = String(decoding: answer.message.body.prefix(1000), as: UTF8.self)
            throw WireError(
                "ModelError",
                "Received status \(answer.status) from the program that serves endpoint \(name), with message \"\(original)\"",
                details: [
                    "OriginalStatusCode": JSON(answer.status), "OriginalMessage": .string(original), "LogStreamArn": "",
                ]
            )
        }
        return HTTPReply(
            contentType: answer.message.contentType,
            headers: [("x-amzn-invoked-production-variant", version)],
            body: answer.message.body
        )
    }
}
