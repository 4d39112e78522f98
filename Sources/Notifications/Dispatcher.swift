internal import AsyncHTTPClient
public import Logging
internal import NIOCore
public import ServiceLifecycle
public import struct FoundationEssentials.Date

/// Sends what is in the outbox, at least once, and tries again for a day what is not taken.
///
/// Each endpoint has its own small lane, so one that hangs or fails costs nobody else anything. An attempt that
/// fails is repeated with growing delays; after the last the delivery is parked, where `Outbox.resend` finds it.
///
/// ```text
///            ┌──── failed, attempts left ────┐
///            ▼                               │
/// publish ─► PENDING ──── attempt ───────────┴──► SENT
///            ▲   └─ failed for good, 410 ─► PARKED
///            └───────────── resend ───────────┘
/// ```
public struct Dispatcher: Service {
    let outbox: Outbox
    let store: any NotificationStore
    let configuration: Configuration
    let secret: WebhookSecret
    let clock: any Clock<Duration>
    let logger: Logger
    let now: @Sendable () -> Date
    let random: @Sendable () -> Double
    /// Called after what became of an attempt was saved; for tests.
    var onOutcome: @Sendable (AttemptOutcome, Delivery) -> Void = { _, _ in }

    /// A dispatcher of an outbox.
    ///
    /// - Parameters:
    ///   - outbox: What wakes it.
    ///   - store: Where the outbox is kept.
    ///   - configuration: How to send.
    ///   - secret: The key for webhooks whose subscription has none of its own.
    ///   - clock: What to wait on between attempts.
    ///   - logger: Where to log.
    ///   - now: The time.
    ///   - random: A number from 0 to 1, to spread attempts.
    public init(
        outbox: Outbox,
        store: any NotificationStore,
        configuration: Configuration,
        secret: WebhookSecret,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger,
        now: @escaping @Sendable () -> Date,
        random: @escaping @Sendable () -> Double
    ) {
        self.outbox = outbox
        self.store = store
        self.configuration = configuration
        self.secret = secret
        self.clock = clock
        self.logger = logger
        self.now = now
        self.random = random
    }

    private enum Wake: Sendable {
        case look
        case alarm(Date)
        case done(Delivery)
    }

    /// Sends until the service shuts down; attempts that run then are finished first.
    ///
    /// - Throws: When the HTTP client cannot be closed.
    public func run() async throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.clientConfiguration)
        let (wakes, waker) = AsyncStream.makeStream(of: Wake.self)
        outbox.onPublish { waker.yield(.look) }
        waker.yield(.look)
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await pruneRegularly() }
                await dispatch(wakes, waker, client, in: &group)
            }
        } onGracefulShutdown: {
            waker.finish()
        }
        outbox.onPublish(nil)
        try await client.shutdown()
    }

    private func dispatch(
        _ wakes: AsyncStream<Wake>,
        _ waker: AsyncStream<Wake>.Continuation,
        _ client: HTTPClient,
        in group: inout DiscardingTaskGroup
    ) async {
        var lanes = Lanes(width: configuration.attemptsPerEndpoint)
        var alarm: Date?
        for await wake in wakes {
            if Task.isShuttingDownGracefully || Task.isCancelled { return }
            switch wake {
            case .look: break
            case .alarm(let date): if alarm == date { alarm = nil }
            case .done(let delivery): lanes.leave(delivery)
            }
            await gatherDigests()
            for delivery in lanes.enter(await due()) {
                group.addTask {
                    await attempt(delivery, client)
                    waker.yield(.done(delivery))
                }
            }
            guard let next = await nextDate(), alarm.map({ next < $0 }) ?? true else { continue }
            alarm = next
            group.addTask {
                await sleep(until: next)
                waker.yield(.alarm(next))
            }
        }
    }

    /// Makes a message of what has waited for each digest that is due.
    private func gatherDigests() async {
        do {
            try await store.gatherDigests(at: now(), newID: outbox.newID, gather: Digest.gather)
        } catch {
            logger.error("digests cannot be gathered", metadata: ["error": "\(error)"])
        }
    }

    private func due() async -> [Delivery] {
        do {
            return try await store.dueDeliveries(at: now(), perEndpoint: configuration.attemptsPerEndpoint)
        } catch {
            logger.error("outbox cannot be read", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// When to look again; soon when the store does not say.
    private func nextDate() async -> Date? {
        do {
            return try await store.nextDeliveryDate(after: now())
        } catch {
            return now().addingTimeInterval(configuration.firstRetryDelay / .seconds(1))
        }
    }

    private func sleep(until date: Date) async {
        let delay = Duration.seconds(max(0, date.timeIntervalSince(now())))
        try? await cancelWhenGracefulShutdown { try await clock.sleep(for: delay) }
    }

    private func pruneRegularly() async {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await clock.sleep(for: .seconds(3600))
                let date = now().addingTimeInterval(-(configuration.retention / .seconds(1)))
                _ = try? await store.pruneDeliveries(sentBefore: date)
            }
        }
    }
}

// MARK: - An attempt

extension Dispatcher {
    private func attempt(_ delivery: Delivery, _ client: HTTPClient) async {
        let outcome: AttemptOutcome
        do throws(SendingError) {
            try await send(delivery, client)
            outcome = .sent
        } catch {
            outcome = decide(delivery, error)
        }
        log(outcome, delivery)
        do {
            try await store.recordAttempt(outcome, of: delivery.id, at: now())
            onOutcome(outcome, delivery)
        } catch {
            // It stays due and is sent again, with the same id; wait, so that a full disk does not flood receivers.
            logger.error("outcome of a notification cannot be saved", metadata: ["error": "\(error)"])
            try? await cancelWhenGracefulShutdown { try await clock.sleep(for: configuration.firstRetryDelay) }
        }
    }

    /// Sends a delivery, and answers in words what its receiver said.
    @discardableResult
    func send(
        _ delivery: Delivery,
        _ client: HTTPClient,
        showsBody: Bool = false
    ) async throws(SendingError) -> String {
        switch delivery.endpoint {
        case .webhook(let url):
            var sender = WebhookSender(client: client, timeout: configuration.requestTimeout)
            sender.showsBody = showsBody
            return try await sender.send(delivery, to: url, secret: delivery.secret ?? secret, at: now())
        case .maildir(let address):
            return try MaildirSender(path: configuration.maildir).send(mail(delivery, to: address))
        case .sendmail(let address):
            let sender = SendmailSender(path: configuration.sendmail, timeout: configuration.sendmailTimeout)
            return try await sender.send(mail(delivery, to: address))
        }
    }

    private func mail(_ delivery: Delivery, to address: String) -> Mail {
        Mail(delivery, to: address, from: configuration.sender, templates: configuration.templates)
    }

    private func decide(_ delivery: Delivery, _ error: SendingError) -> AttemptOutcome {
        let attempts = delivery.attempts + 1
        guard !error.isFinal, attempts < configuration.maximumAttempts else { return .parked(error: error.message) }
        let delay = configuration.delay(afterAttempts: attempts, random: random(), retryAfter: error.retryAfter)
        return .retry(at: now().addingTimeInterval(delay / .seconds(1)), error: error.message)
    }

    private func log(_ outcome: AttemptOutcome, _ delivery: Delivery) {
        var metadata: Logger.Metadata = [
            "notification.id": "\(delivery.id)", "notification.endpoint": "\(delivery.endpoint)",
        ]
        switch outcome {
        case .sent: logger.debug("notification sent", metadata: metadata)
        case .retry(_, let error):
            metadata["error"] = "\(error)"
            logger.debug("notification failed and will be tried again", metadata: metadata)
        case .parked(let error):
            metadata["error"] = "\(error)"
            logger.error("notification parked; resend it when its receiver works again", metadata: metadata)
        }
    }

    static var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        // A redirect could lead a signed message anywhere.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        // A receiver that is down is tried again by the outbox.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = .seconds(15)
        return configuration
    }
}
