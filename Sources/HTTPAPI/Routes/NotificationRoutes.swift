internal import JSON
public import Notifications

extension OperationTable {
    /// `Millrace.…Notification…`: the outbox.
    ///
    /// | Operation | Members (those in parentheses may be absent) | Answer |
    /// | --- | --- | --- |
    /// | `ListNotifications` | (`status` PENDING, SENT or PARKED, `topicArn`, `maxResults`) | `notifications`, newest first, and `counts` of all |
    /// | `ResendNotification` | `notificationId` | the notification, pending again |
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
