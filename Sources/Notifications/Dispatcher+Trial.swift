internal import AsyncHTTPClient

extension Dispatcher {
    /// Sends a message to an endpoint at once and once, past the outbox, to see whether it arrives.
    ///
    /// - Parameters:
    ///   - message: What to send.
    ///   - endpoint: Where.
    ///   - topicARN: The topic it is to come from.
    ///   - secret: The key a webhook is signed with; without one, that of the home.
    /// - Returns: Whether the receiver took it, and what it said or why it was not reached.
    public func trial(
        _ message: Message,
        to endpoint: Endpoint,
        topicARN: String,
        secret: WebhookSecret? = nil
    ) async -> (isTaken: Bool, answer: String) {
        let delivery = Delivery(
            id: outbox.newID(),
            message: PublishedMessage(
                id: outbox.newID(),
                topicARN: topicARN,
                message: message.withoutNUL,
                publishedAt: now()
            ),
            subscriptionARN: "",
            endpoint: endpoint,
            secret: secret,
            status: .pending,
            attempts: 0,
            nextAttemptAt: nil,
            lastError: nil,
            sentAt: nil
        )
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.clientConfiguration)
        let result: (isTaken: Bool, answer: String)
        do throws(SendingError) {
            result = (true, try await send(delivery, client, showsBody: true))
        } catch {
            result = (false, error.message)
        }
        try? await client.shutdown()
        return result
    }
}
