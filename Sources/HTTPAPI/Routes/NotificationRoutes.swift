internal import JSON
public import Notifications

extension OperationTable {
    /// `Millrace.…Notification…`: the outbox.
    ///
    /// | Operation | Members (those in parentheses may be absent) | Answer |
    /// | --- | --- | --- |
    /// | `ListNotifications` | (`status` PENDING, SENT or PARKED, `topicArn`, `maxResults`) | `notifications`, newest first, and `counts` of all |
    /// | `ResendNotification` | `notificationId` | the notification, pending again |
    /// | `PutTopic` | `name`, (`webhooks`, `mails`: who listens from now on; `digestSeconds`: how long notices are gathered for them) | `topicArn` |
    /// | `ListTopics` | | `topics` with their `endpoints` |
    public mutating func addNotifications(_ outbox: Outbox) {
        self["ListNotifications"] = { input in
            let members = OperationInput(input)
            let deliveries = try await outbox.deliveries(
                DeliveryFilter(
                    status: members.optionalCase("status", of: Delivery.Status.self),
                    topicARN: members.optionalString("topicArn"),
                    limit: members.optionalInt("maxResults", in: 1...1000) ?? 100
                )
            )
            let counts = try await outbox.deliveryCounts()
            return [
                "notifications": .array(deliveries.map(\.json)),
                "counts": .object(JSONObject(Delivery.Status.allCases.map { ($0.rawValue, JSON(counts[$0] ?? 0)) })),
            ]
        }
        self["ResendNotification"] = { input in
            try await outbox.resend(OperationInput(input).string("notificationId")).json
        }
        addTopics(outbox)
    }

    private mutating func addTopics(_ outbox: Outbox) {
        self["PutTopic"] = { input in
            let members = OperationInput(input)
            let topic = try await outbox.createTopic(members.string("name"))
            let digest = try members.optionalInt("digestSeconds", in: Listener.digestBounds)
            if let endpoints = try members.endpoints() {
                let listeners = endpoints.map { Listener($0, digestSeconds: digest) }
                try await outbox.setListeners(listeners, of: topic.arn)
            }
            return ["topicArn": .string(topic.arn)]
        }
        self["ListTopics"] = { _ in
            var topics: [JSON] = []
            for topic in try await outbox.topics() {
                let endpoints = try await outbox.subscriptions(of: topic.arn).map(\.endpoint.description)
                topics.append([
                    "topicArn": .string(topic.arn), "endpoints": .array(endpoints.map(JSON.string)),
                ])
            }
            return ["topics": .array(topics)]
        }
    }
}

extension OperationInput {
    /// Who listens; `nil` leaves the listeners as they are.
    fileprivate func endpoints() throws -> [Endpoint]? {
        let webhooks = json("webhooks") == nil ? nil : try strings("webhooks").map { try Endpoint(.webhook, $0) }
        let mails = json("mails") == nil ? nil : try strings("mails").map { try Endpoint(.maildir, $0) }
        guard webhooks != nil || mails != nil else { return nil }
        return (webhooks ?? []) + (mails ?? [])
    }
}

extension Delivery {
    fileprivate var json: JSON {
        .present([
            "notificationId": .string(id),
            "messageId": .string(message.id),
            "topicArn": .string(message.topicARN),
            "subject": message.message.subject.map(JSON.string),
            "endpoint": .string(endpoint.description),
            "status": .string(status.rawValue),
            "attempts": JSON(attempts),
            "publishDate": message.publishedAt.epochSeconds,
            "nextAttemptDate": nextAttemptAt?.epochSeconds,
            "sentDate": sentAt?.epochSeconds,
            "lastError": lastError.map(JSON.string),
        ])
    }
}
