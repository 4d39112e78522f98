internal import JSON
public import Notifications

extension OperationTable {
    /// The operations of SNS, as the query protocol calls them, on the topics of this machine.
    ///
    /// | Operation | More, less or other than on AWS |
    /// | --- | --- |
    /// | `CreateTopic`, `DeleteTopic`, `ListTopics`, `GetTopicAttributes`, `SetTopicAttributes` | standard topics; attributes are kept, and mean nothing else |
    /// | `Publish`, `PublishBatch` | to topics; no text messages |
    /// | `Subscribe`, `Unsubscribe`, `ListSubscriptions`, `ListSubscriptionsByTopic` | `http`, `https` and `email`, each confirmed at once |
    ///
    /// - Parameters:
    ///   - outbox: The topics.
    ///   - account: Whose they are.
    ///   - mail: How a mail address is reached.
    /// - Returns: The operations.
    public static func sns(
        _ outbox: Outbox,
        account: String,
        mail: @escaping @Sendable (String) -> Endpoint
    ) -> OperationTable {
        var table = OperationTable(service: "sns", protocol: .query)
        table.addTopics(outbox, account: account)
        table.addPublishing(outbox)
        table.addSubscriptions(outbox, account: account, mail: mail)
        return table
    }

    private mutating func addTopics(_ outbox: Outbox, account: String) {
        self["CreateTopic"] = { input in
            let topic = try await outbox.createTopic(input.required("Name"))
            let attributes = (input["Attributes"]?.object ?? [:]).compactMap { name, value in
                value.string.map { (name, $0) }
            }
            if !attributes.isEmpty {
                let values = Dictionary(attributes) { _, last in last }
                try await outbox.setAttributes(values, ofTopic: topic.arn)
            }
            return ["TopicArn": .string(topic.arn)]
        }
        self["SetTopicAttributes"] = { input in
            let value = input["AttributeValue"]?.string ?? ""
            let attributes = [try input.required("AttributeName"): value]
            try await outbox.setAttributes(attributes, ofTopic: input.required("TopicArn"))
            return [:]
        }
        self["DeleteTopic"] = { input in
            try await outbox.deleteTopic(input.required("TopicArn"))
            return [:]
        }
        self["ListTopics"] = { input in
            let (topics, next) = try input.page(of: await outbox.topics()) { $0.arn }
            return .present([
                "Topics": .array(topics.map { ["TopicArn": .string($0.arn)] }), "NextToken": next.map(JSON.string),
            ])
        }
        self["GetTopicAttributes"] = { input in
            let topic = try await outbox.topic(input.required("TopicArn"))
            let count = try await outbox.subscriptions(of: topic.arn).count
            var attributes: JSONObject = [
                "TopicArn": .string(topic.arn), "Owner": .string(account), "DisplayName": "",
                "SubscriptionsConfirmed": .string("\(count)"), "SubscriptionsPending": "0",
                "SubscriptionsDeleted": "0",
            ]
            for (name, value) in try await outbox.attributes(ofTopic: topic.arn).sorted(by: { $0.key < $1.key }) {
                attributes[name] = .string(value)
            }
            return ["Attributes": .object(attributes)]
        }
    }

    private mutating func addPublishing(_ outbox: Outbox) {
        self["Publish"] = { input in
            let topic = try Topic.target(
                arn: input["TopicArn"]?.string ?? input["TargetArn"]?.string,
                phoneNumber: input["PhoneNumber"]?.string
            )
            return ["MessageId": .string(try await outbox.publish(Message(publishing: input), to: topic))]
        }
        self["PublishBatch"] = { input in
            let topic = try await outbox.topic(Topic.target(arn: input["TopicArn"]?.string, phoneNumber: nil)).arn
            let entries = try input.batch()
            var (successful, failed): ([JSON], [JSON]) = ([], [])
            for (id, entry) in entries {
                do {
                    let message = try Message(publishing: entry)
                    let messageID = try await outbox.publish(message, to: topic)
                    successful.append(["Id": .string(id), "MessageId": .string(messageID)])
                } catch let error as NotificationError {
                    failed.append([
                        "Id": .string(id), "Code": "InvalidParameter", "Message": .string(error.message),
                        "SenderFault": "true",
                    ])
                }
            }
            return ["Successful": .array(successful), "Failed": .array(failed)]
        }
    }

    private mutating func addSubscriptions(
        _ outbox: Outbox,
        account: String,
        mail: @escaping @Sendable (String) -> Endpoint
    ) {
        self["Subscribe"] = { input in
            let endpoint = try input.endpoint(mail: mail)
            let subscription = try await outbox.subscribe(endpoint, to: input.required("TopicArn"))
            return ["SubscriptionArn": .string(subscription.arn)]
        }
        self["Unsubscribe"] = { input in
            try await outbox.unsubscribe(input.required("SubscriptionArn"))
            return [:]
        }
        self["ListSubscriptions"] = { input in
            var all: [Subscription] = []
            for topic in try await outbox.topics() { all += try await outbox.subscriptions(of: topic.arn) }
            return try input.subscriptions(all, account: account)
        }
        self["ListSubscriptionsByTopic"] = { input in
            let topic = try await outbox.topic(input.required("TopicArn"))
            return try input.subscriptions(try await outbox.subscriptions(of: topic.arn), account: account)
        }
    }
}

extension Message {
    fileprivate init(publishing input: JSON) throws {
        try self.init(
            publishing: input["Message"]?.string ?? "",
            subject: input["Subject"]?.string,
            structure: input["MessageStructure"]?.string,
            attributes: input["MessageAttributes"]?.object ?? [:]
        )
    }
}

extension JSON {
    private static let pageSize = 100

    fileprivate func required(_ name: String) throws(NotificationError) -> String {
        guard let text = self[name]?.string, !text.isEmpty else {
            throw .refused("\(name) Reason: no value for required parameter")
        }
        return text
    }

    /// A page of a list that is ordered by a name, and the name after which the next one begins.
    fileprivate func page<Element>(
        of all: [Element],
        by name: (Element) -> String
    ) throws(NotificationError) -> ([Element], String?) {
        let start = self["NextToken"]?.string ?? ""
        let later = all.filter { start.isEmpty || name($0) > start }.sorted { name($0) < name($1) }
        let page = Array(later.prefix(Self.pageSize))
        return (page, page.count < later.count ? page.last.map(name) : nil)
    }

    fileprivate func subscriptions(_ all: [Subscription], account: String) throws(NotificationError) -> JSON {
        let (page, next) = try page(of: all) { $0.arn }
        return .present([
            "Subscriptions": .array(page.map { $0.json(account) }), "NextToken": next.map(JSON.string),
        ])
    }

    /// Who is to listen: the service's protocols onto ours.
    fileprivate func endpoint(mail: (String) -> Endpoint) throws(NotificationError) -> Endpoint {
        let (name, destination) = (try required("Protocol"), try required("Endpoint"))
        switch name {
        case "http", "https":
            guard destination.lowercased().hasPrefix("\(name):") else {
                throw .refused("Endpoint must match the specified protocol \"\(name)\"")
            }
            return try Endpoint(.webhook, destination)
        case "email", "email-json": return mail(destination)
        default:
            throw .refused("Protocol \"\(name)\" Reason: it must be \"http\", \"https\" or \"email\"")
        }
    }

    /// The entries of a batch, each with an id of its own.
    fileprivate func batch() throws(WireError) -> [(id: String, entry: JSON)] {
        let entries = self["PublishBatchRequestEntries"]?.array ?? []
        guard !entries.isEmpty else { throw WireError("EmptyBatchRequest", "The batch request has no entries.") }
        guard entries.count <= 10 else {
            throw WireError("TooManyEntriesInBatchRequest", "The batch request has more than 10 entries.")
        }
        let ids = entries.map { $0["Id"]?.string ?? "" }
        guard Set(ids).count == ids.count else {
            throw WireError("BatchEntryIdsNotDistinct", "Two or more entries of the batch have the same Id.")
        }
        return Array(zip(ids, entries))
    }
}

extension Subscription {
    fileprivate func json(_ account: String) -> JSON {
        let name =
            switch endpoint {
            case .webhook(let url): url.lowercased().hasPrefix("https:") ? "https" : "http"
            case .maildir, .sendmail: "email"
            }
        return [
            "SubscriptionArn": .string(arn), "Owner": .string(account), "Protocol": .string(name),
            "Endpoint": .string(endpoint.destination), "TopicArn": .string(topicARN),
        ]
    }
}
