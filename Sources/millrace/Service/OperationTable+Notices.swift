import HTTPAPI
import JSON
import Notifications
import Personalize
import Pipeline

extension OperationTable {
    /// Trials of notices, and what was found of drift.
    ///
    /// - Parameter service: The service that is asked.
    mutating func addNotices(_ service: MillraceService) {
        self["TestNotification"] = { input in
            let trial = NoticeTrial(service: service)
            var results: [JSON] = []
            for (topic, listener) in try await trial.listeners(input) {
                let result = await service.dispatcher.trial(
                    trial.message,
                    to: listener.endpoint,
                    topicARN: topic,
                    secret: listener.secret
                )
                results.append([
                    "endpoint": .string(listener.endpoint.description), "isTaken": .bool(result.isTaken),
                    "answer": .string(result.answer),
                ])
            }
            return ["results": .array(results)]
        }
        self["DescribeDrift"] = { input in
            guard let group = input["datasetGroup"]?.string else {
                throw WireError("ValidationException", "datasetGroup is missing; it is the name of the dataset group")
            }
            let settings = service.settings
            let arn = "arn:aws:personalize:\(settings.region):\(settings.account):dataset-group/\(group)"
            return try await service.personalize.describeDrift(of: group.hasPrefix("arn:") ? group : arn)
        }
    }
}

/// A notice that only tries whether it arrives.
private struct NoticeTrial {
    let service: MillraceService

    typealias Target = (endpoint: Endpoint, secret: WebhookSecret?)

    var message: Message {
        let subject = "Millrace: a test notice"
        let text = "This notice was sent to try whether it arrives. Nothing has happened.\n"
        return Message(
            subject: subject,
            body: text,
            payload: ["type": "test", "subject": .string(subject), "message": .string(text)],
            attributes: ["Outcome": "TEST"]
        )
    }

    /// Who is to be told, each with the topic that it would come from.
    func listeners(_ input: JSON) async throws -> [(String, Target)] {
        if let url = input["webhook"]?.string {
            return [(try trialTopic, (try Endpoint(.webhook, url), nil))]
        }
        if let address = input["mail"]?.string {
            let kind: Endpoint.Kind = service.settings.sendmail == nil ? .maildir : .sendmail
            return [(try trialTopic, (try Endpoint(kind, address), nil))]
        }
        let topic = try await topic(input)
        let subscriptions = try await service.outbox.subscriptions(of: topic)
        guard !subscriptions.isEmpty else {
            throw WireError("ResourceNotFoundException", "nobody listens to \"\(topic)\"; subscribe somebody first")
        }
        return subscriptions.map { (topic, ($0.endpoint, $0.secret)) }
    }

    private var trialTopic: String {
        get throws { try service.outbox.topicARN("millrace-test") }
    }

    private func topic(_ input: JSON) async throws -> String {
        if let arn = input["topicArn"]?.string { return arn }
        guard let group = input["datasetGroup"]?.string else {
            throw WireError(
                "ValidationException",
                "name who is to be told: datasetGroup, topicArn, webhook or mail"
            )
        }
        let settings = service.settings
        let arn = "arn:aws:personalize:\(settings.region):\(settings.account):dataset-group/\(group)"
        _ = try await service.personalize.call("DescribeDatasetGroup", ["datasetGroupArn": .string(arn)])
        return try await service.launcher.topicARN(of: group)
    }
}
