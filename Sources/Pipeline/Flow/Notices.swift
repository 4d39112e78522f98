public import DurableExecution
internal import JSON
public import Notifications

/// Tells how executions end, once for each end.
///
/// The definition itself tells of success and failure (`sns:publish`); the engine tells of every end it commits. Both
/// put the notice into the outbox under one key, so whoever comes second adds nothing: a run that is stopped, times out
/// or dies where no Catch reaches is heard of too, and no receiver hears of one end twice.
public struct Notices: Sendable {
    private let outbox: Outbox
    private let executions: any ExecutionStore
    private let mail: @Sendable (String) -> Endpoint

    /// What everybody's mail goes to when a configuration names nobody: the operator, in the spool.
    public static let defaultAddress = "operator@localhost"

    /// Notices through an outbox.
    ///
    /// - Parameters:
    ///   - outbox: Where messages are kept until they are sent.
    ///   - executions: Where the details of an execution come from.
    ///   - mail: How a mail address is reached: through the spool or sendmail.
    public init(
        outbox: Outbox,
        executions: any ExecutionStore,
        mail: @escaping @Sendable (String) -> Endpoint = Endpoint.maildir
    ) {
        self.outbox = outbox
        self.executions = executions
        self.mail = mail
    }

    /// The topic of a dataset group, with exactly these listeners; the operator's mail where there is no other.
    ///
    /// - Parameters:
    ///   - group: The dataset group.
    ///   - notifications: Who listens; `nil` leaves the listeners as they are.
    /// - Returns: The topic's ARN.
    /// - Throws: `NotificationError`, or the store's error.
    func topic(of group: String, for notifications: [PipelineConfiguration.Notification]?) async throws -> String {
        let topic = try await outbox.createTopic(Self.topicName(of: group))
        let known = try await outbox.subscriptions(of: topic.arn)
        guard notifications != nil || known.isEmpty else { return topic.arn }
        let listeners = (notifications ?? []).map(listener)
        let fallback = Listener(mail(Self.defaultAddress))
        try await outbox.setListeners(listeners.isEmpty ? [fallback] : listeners, of: topic.arn)
        return topic.arn
    }

    /// The shortest and the longest interval of a digest, in seconds.
    static let digestBounds = Double(Listener.digestBounds.lowerBound)...Double(Listener.digestBounds.upperBound)

    /// Whether a listener can be reached at all, as place, fact and remedy when not.
    static func fault(of notification: PipelineConfiguration.Notification) -> String? {
        let endpoint: Endpoint =
            switch notification.target {
            case .webhook(let url): .webhook(url)
            case .mail(let address): .maildir(address)
            }
        do {
            try endpoint.validate()
            return nil
        } catch {
            return "is not valid: \(error.message)"
        }
    }

    /// Puts a message of a definition into the outbox.
    func publish(_ message: Message, topic: String) async throws -> String {
        try await outbox.publish(message, to: topic)
    }

    /// An end that a definition announces about its own execution.
    struct Announcement: Sendable {
        var status: Execution.Status
        var executionARN: String
        /// The state that announces it.
        var state: String
        var topic: String
        var subject: String?
        var message: String
        /// What failed: an object with `Error` and `Cause`.
        var failure: JSON?
        /// What each solution's campaigns have come to, with the promotions that were decided about.
        var deployments: JSON?
    }

    /// Tells an end that a definition announces.
    func tell(_ announcement: Announcement) async throws -> String {
        let arn = announcement.executionARN
        guard let execution = try await executions.execution(arn) else {
            let message = Message(subject: announcement.subject, body: announcement.message, deduplicationKey: arn)
            return try await publish(message, topic: announcement.topic)
        }
        var notice = notice(of: execution, status: announcement.status)
        notice.keptCampaigns = KeptCampaign.all(in: announcement.deployments)
        if announcement.status != .succeeded {
            notice.state = try await failedState(of: arn, before: announcement.state)
            notice.error = announcement.failure?["Error"]?.string
            notice.cause = announcement.failure?["Cause"]?.string
            notice.remedy = Self.remedy(execution)
        }
        return try await publish(
            notice,
            topic: announcement.topic,
            subject: announcement.subject,
            message: announcement.message
        )
    }

    /// Tells an end that the engine has committed; an execution whose input names no topic ends unheard.
    func tell(_ outcome: ExecutionOutcome) async throws {
        guard let execution = try await executions.execution(outcome.executionArn),
            let input = try? JSON(parsing: execution.input), let topic = input["topicArn"]?.string
        else { return }
        var notice = notice(of: execution, status: outcome.status)
        notice.redriveCount = outcome.redriveCount
        notice.error = outcome.error
        notice.cause = outcome.cause
        if outcome.status == .failed { notice.state = try await failedState(of: outcome.executionArn, before: nil) }
        notice.state = notice.state ?? (outcome.status == .succeeded ? nil : outcome.stateName)
        _ = try await publish(notice, topic: topic, subject: nil, message: nil)
    }

    private func publish(
        _ notice: OutcomeNotice,
        topic: String,
        subject: String?,
        message: String?
    ) async throws -> String {
        let subject = subject.map { "\($0) (\(notice.datasetGroup ?? notice.name))" } ?? notice.subject
        let message = notice.maintenance?.description ?? message
        return try await outbox.publish(
            Message(
                subject: subject,
                body: notice.text(message),
                payload: notice.payload(message, subject: subject),
                attributes: ["Outcome": notice.status.rawValue],
                deduplicationKey: notice.deduplicationKey
            ),
            to: topic
        )
    }

    private func notice(of execution: Execution, status: Execution.Status) -> OutcomeNotice {
        let input = try? JSON(parsing: execution.input)
        let group =
            input?["datasetGroup"]?["create"]?["Name"]?.string
            ?? input?["datasetGroupArn"]?.string?.split(separator: "/").last.map(String.init)
        return OutcomeNotice(
            executionARN: execution.arn,
            stateMachine: String(execution.stateMachineArn.split(separator: ":").last ?? ""),
            name: execution.name,
            redriveCount: execution.redriveCount,
            status: status,
            datasetGroup: group,
            isMaintained: input?["key"]?.string.map { !ConfigurationFile.isParams($0) } ?? false
        )
    }

    /// A state that has told of a failure fails again when redriven; the wish itself is to be made again.
    private static func remedy(_ execution: Execution) -> String? {
        let input = try? JSON(parsing: execution.input)
        if let bucket = input?["bucket"]?.string, let key = input?["key"]?.string {
            return "correct the cause and copy s3://\(bucket)/\(key) into its place again"
        }
        let group = input?["datasetGroupArn"]?.string?.split(separator: "/").last
        return group.map { "correct the cause and call: millrace delete \($0)" }
    }

    /// Reads the history backwards, page by page, until the failed state is found.
    private func failedState(of executionARN: String, before handler: String?) async throws -> String? {
        var events: [JSON] = []
        var token: String?
        repeat {
            let request = PageRequest(limit: 500, token: token)
            let page = try await executions.history(of: executionARN, isReversed: true, request)
            events += page.elements
            if let name = FailedState.name(in: events, before: handler) { return name }
            token = page.nextToken
        } while token != nil
        return nil
    }

    private func listener(_ notification: PipelineConfiguration.Notification) -> Listener {
        let endpoint: Endpoint =
            switch notification.target {
            case .webhook(let url): .webhook(url)
            case .mail(let address): mail(address)
            }
        return Listener(endpoint, digestSeconds: notification.digest.map { Int($0.seconds.rounded()) })
    }

    private static func topicName(of group: String) -> String {
        let letters = group.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? $0 : "-" }
        return "millrace-\(String(letters.prefix(240)))"
    }
}
