extension Dispatcher {
    /// How a dispatcher sends.
    public struct Configuration: Sendable {
        /// The directory of the mail spool, a Maildir; it is made at first use.
        public var maildir: String
        /// The address mails come from.
        ///
        /// Default `millrace@localhost`.
        public var sender = "millrace@localhost"
        /// How mails are worded.
        ///
        /// Default: no templates.
        public var templates = MailTemplates()
        /// The program that takes mails, called with `-i -t`.
        ///
        /// Default `/usr/sbin/sendmail`.
        public var sendmail = "/usr/sbin/sendmail"
        /// How long that program may take.
        ///
        /// Default 60 s.
        public var sendmailTimeout: Duration = .seconds(60)
        /// How long a webhook may take to answer.
        ///
        /// Default 10 s.
        public var requestTimeout: Duration = .seconds(10)
        /// How many attempts may run at once to one endpoint.
        ///
        /// Default 4.
        public var attemptsPerEndpoint = 4
        /// After how many failed attempts a delivery is parked.
        ///
        /// Default 10, which is about 27 hours.
        public var maximumAttempts = 10
        /// How long after the first failed attempt the second comes; each later delay is three times as long.
        ///
        /// Default 10 s.
        public var firstRetryDelay: Duration = .seconds(10)
        /// The longest delay between two attempts, also for `Retry-After`.
        ///
        /// Default 24 h.
        public var maximumRetryDelay: Duration = .seconds(24 * 3600)
        /// How long what was sent is kept, and doubles are known.
        ///
        /// Default 30 days.
        public var retention: Duration = .seconds(30 * 24 * 3600)

        /// The defaults.
        ///
        /// - Parameter maildir: The directory of the mail spool.
        public init(maildir: String) {
            self.maildir = maildir
        }

        /// Checks the values.
        ///
        /// - Throws: `NotificationError` with `invalidParameter`, for the first fault.
        public func validate() throws(NotificationError) {
            try MailAddress.validate(sender)
            guard maximumAttempts > 0, attemptsPerEndpoint > 0 else {
                throw NotificationError(.invalidParameter, "maximumAttempts and attemptsPerEndpoint must be 1 or more")
            }
        }

        /// How long to wait after so many failed attempts: exponential, spread by a tenth to either side.
        func delay(afterAttempts attempts: Int, random: Double, retryAfter: Duration?) -> Duration {
            var delay = firstRetryDelay
            for _ in 1..<max(1, attempts) where delay < maximumRetryDelay { delay *= 3 }
            let spread = min(delay, maximumRetryDelay) * (0.9 + 0.2 * random)
            return min(maximumRetryDelay, max(spread, retryAfter ?? .zero))
        }
    }
}

/// Which deliveries are being attempted, so that no endpoint has more than its share.
struct Lanes {
    private let width: Int
    private var running: [Endpoint: Set<Delivery.ID>] = [:]

    init(width: Int) {
        self.width = width
    }

    /// Lets in those that are not yet running and whose lane has room.
    mutating func enter(_ deliveries: [Delivery]) -> [Delivery] {
        deliveries.filter { delivery in
            var lane = running[delivery.endpoint] ?? []
            guard lane.count < width, lane.insert(delivery.id).inserted else { return false }
            running[delivery.endpoint] = lane
            return true
        }
    }

    mutating func leave(_ delivery: Delivery) {
        running[delivery.endpoint]?.remove(delivery.id)
        if running[delivery.endpoint]?.isEmpty == true { running[delivery.endpoint] = nil }
    }
}

/// Why an attempt failed.
struct SendingError: Error {
    let message: String
    /// How long the receiver wants to be left alone.
    var retryAfter: Duration?
    /// Whether there is no point in trying again.
    var isFinal = false

    init(_ message: String, retryAfter: Duration? = nil, isFinal: Bool = false) {
        self.message = message
        self.retryAfter = retryAfter
        self.isFinal = isFinal
    }
}
