public import struct FoundationEssentials.Date

/// A message on its way to one subscription: a row of the outbox.
public struct Delivery: Sendable, Hashable, Identifiable {
    /// Where a delivery stands.
    public enum Status: String, Sendable, CaseIterable {
        /// It is still to be sent, now or at `nextAttemptAt`.
        case pending = "PENDING"
        /// The receiver took it.
        case sent = "SENT"
        /// It was given up and waits for `Outbox.resend`.
        case parked = "PARKED"
    }

    /// The same at every attempt; a receiver drops doubles by it.
    public let id: String
    /// What is sent.
    public let message: PublishedMessage
    /// The subscription it was made for, which may be gone by now.
    public let subscriptionARN: String
    /// Where it goes.
    public let endpoint: Endpoint
    /// The key a webhook is signed with; `nil` for the one of the home.
    public let secret: WebhookSecret?
    /// Where it stands.
    public var status: Status
    /// How often it was tried since it was published or resent.
    public var attempts: Int
    /// When it is tried again.
    public var nextAttemptAt: Date?
    /// Why the last attempt failed.
    public var lastError: String?
    /// When it was sent.
    public var sentAt: Date?

    /// A delivery of known parts.
    public init(
        id: String,
        message: PublishedMessage,
        subscriptionARN: String,
        endpoint: Endpoint,
        secret: WebhookSecret?,
        status: Status,
        attempts: Int,
        nextAttemptAt: Date?,
        lastError: String?,
        sentAt: Date?
    ) {
        self.id = id
        self.message = message
        self.subscriptionARN = subscriptionARN
        self.endpoint = endpoint
        self.secret = secret
        self.status = status
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.lastError = lastError
        self.sentAt = sentAt
    }
}

/// What became of an attempt.
public enum AttemptOutcome: Sendable, Hashable {
    /// The receiver took it.
    case sent
    /// It is tried again at a date.
    case retry(at: Date, error: String)
    /// It is given up.
    case parked(error: String)
}
