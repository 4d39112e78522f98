internal import Crypto
public import JSON
public import FoundationEssentials

internal import Synchronization

/// The default event bus: rules, and the events that they bring to topics.
///
/// An event is taken, matched and put into the outbox in one transaction: an event that was accepted is sent to every
/// target of every rule that wants it, at least once, with an id by which a receiver drops doubles.
public final class EventBus: Sendable {
    /// How many targets a rule may have.
    public static let maximumTargets = 5

    private let store: any EventRuleStore
    private let outbox: Outbox
    private let region: String
    private let account: String
    private let now: @Sendable () -> Date
    private let newID: @Sendable () -> String
    private let patterns = Mutex<[String: EventPattern]>([:])

    /// A bus.
    ///
    /// - Parameters:
    ///   - store: Where rules are kept.
    ///   - outbox: What sends what they bring about.
    ///   - region: The region in ARNs.
    ///   - account: The account in ARNs.
    ///   - now: The time.
    ///   - newID: Makes ids; each must be new.
    public init(
        store: any EventRuleStore,
        outbox: Outbox,
        region: String = "us-east-1",
        account: String = "000000000000",
        now: @escaping @Sendable () -> Date,
        newID: @escaping @Sendable () -> String
    ) {
        self.store = store
        self.outbox = outbox
        self.region = region
        self.account = account
        self.now = now
        self.newID = newID
    }

    // MARK: - Rules

    /// Makes or changes a rule; its targets stay.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 letters, digits, dots, hyphens and underscores.
    ///   - pattern: What it wants, as JSON text.
    ///   - isEnabled: Whether it looks at events.
    ///   - description: What its author says of it.
    /// - Returns: The rule's ARN.
    /// - Throws: `NotificationError` with `validation` or `invalidEventPattern`, or the store's error.
    @discardableResult
    public func putRule(
        _ name: String,
        pattern: String,
        isEnabled: Bool = true,
        description: String? = nil
    ) async throws -> String {
        try Self.validate(name: name)
        _ = try EventPattern(parsing: pattern)
        let arn = "arn:aws:events:\(region):\(account):rule/\(name)"
        try await store.putRule(
            EventRule(
                name: name,
                arn: arn,
                pattern: pattern,
                isEnabled: isEnabled,
                description: description,
                createdAt: now()
            )
        )
        return arn
    }

    /// The rule of a name.
    ///
    /// - Parameter name: The name.
    /// - Returns: The rule with its targets.
    /// - Throws: `NotificationError` with `resourceNotFound`, or the store's error.
    public func rule(_ name: String) async throws -> EventRule {
        guard let rule = try await store.rule(name) else {
            throw NotificationError(.resourceNotFound, "Rule \(name) does not exist on EventBus default.")
        }
        return rule
    }

    /// All rules, by name.
    public func rules() async throws -> [EventRule] { try await store.rules() }

    /// Removes a rule; it is no fault when there is none.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - withTargets: Whether its targets go too; without it, a rule that has targets stays.
    /// - Throws: `NotificationError` with `validation` when it has targets, or the store's error.
    public func deleteRule(_ name: String, withTargets: Bool = false) async throws {
        if !withTargets, let rule = try await store.rule(name), !rule.targets.isEmpty {
            throw NotificationError(.validation, "Rule can't be deleted since it has targets.")
        }
        try await store.deleteRule(name)
    }

    /// Makes a rule look at events, or not.
    ///
    /// - Parameters:
    ///   - name: The rule's name.
    ///   - isEnabled: Whether it looks at events from now on.
    /// - Throws: `NotificationError` with `resourceNotFound`, or the store's error.
    public func setRule(_ name: String, isEnabled: Bool) async throws {
        var rule = try await rule(name)
        rule.isEnabled = isEnabled
        try await store.putRule(rule)
    }

    /// Makes topics the targets of a rule; those of the same ids are replaced.
    ///
    /// - Parameters:
    ///   - targets: The targets.
    ///   - name: The rule's name.
    /// - Throws: `NotificationError` with `resourceNotFound`, `validation` or `limitExceeded`, or the store's error.
    public func putTargets(_ targets: [EventTarget], of name: String) async throws {
        _ = try await rule(name)
        for target in targets { try Self.validate(target) }
        guard try await store.putTargets(targets, of: name, limit: Self.maximumTargets) else {
            throw NotificationError(.limitExceeded, "The requested resource exceeds the maximum number allowed.")
        }
    }

    /// Removes targets of a rule.
    ///
    /// - Parameters:
    ///   - ids: Their ids; those that the rule does not have are passed over.
    ///   - name: The rule's name.
    /// - Throws: `NotificationError` with `resourceNotFound`, or the store's error.
    public func removeTargets(_ ids: [String], of name: String) async throws {
        _ = try await rule(name)
        try await store.removeTargets(ids, of: name)
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: ".-_".utf8.contains(byte)
                }
            }
    }

    private static func validate(name: String) throws(NotificationError) {
        guard isName(name) else {
            throw .constraint(name, "name", #"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"#)
        }
    }

    private static func validate(_ target: EventTarget) throws(NotificationError) {
        guard isName(target.id) else {
            throw .constraint(
                target.id,
                "targets.1.member.id",
                #"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"#
            )
        }
        let parts = target.arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "sns", !parts[5].isEmpty else {
            throw NotificationError(
                .validation,
                "Parameter \(target.arn) is not valid. Reason: Provided Arn is not in correct format; the targets here "
                    + "are topics, arn:aws:sns:REGION:ACCOUNT:NAME."
            )
        }
        if let text = target.input["Input"]?.string, (try? JSON(parsing: text)) == nil {
            throw NotificationError(.validation, "JSON text in Input for target \(target.id) is invalid.")
        }
    }

    // MARK: - Events

    /// The time.
    var time: Date { now() }

    /// Whether any rule looks at events; without one, there is no point in telling them.
    public func isListening() async throws -> Bool { try await store.hasEnabledRules() }

    /// Takes events: puts a message into the outbox for every target of every rule that wants one.
    ///
    /// - Parameter events: The events; one whose id was taken before brings nothing new about.
    /// - Throws: The store's error; then none was taken.
    public func take(_ events: [Event]) async throws {
        let texts = events.map { (event: $0, json: json(of: $0)) }
        let now = now()
        try await store.publish(newID: newID) { [self] rules in
            let wanted = rules.compactMap { rule in pattern(rule.pattern).map { (rule: rule, pattern: $0) } }
            return texts.flatMap { event, json in
                wanted.filter { $0.pattern.matches(json) }.flatMap { messages(of: event, json, to: $0.rule, at: now) }
            }
        }
        outbox.wake()
    }

    /// An event with its envelope, as a rule sees it.
    ///
    /// - Parameter event: The event.
    /// - Returns: An object with `version`, `id`, `detail-type`, `source`, `account`, `time`, `region`, `resources` and
    ///   `detail`.
    public func json(of event: Event) -> JSON {
        [
            "version": "0", "id": .string(event.id), "detail-type": .string(event.detailType),
            "source": .string(event.source), "account": .string(account),
            "time": .string(event.time.formatted(.iso8601)), "region": .string(region),
            "resources": .array(event.resources.map(JSON.string)), "detail": event.detail,
        ]
    }

    /// An id in the form of a UUID that is the same for the same key.
    ///
    /// - Parameter key: What is told, so that telling it twice is no second event; `nil` for a new id.
    /// - Returns: The id.
    public func eventID(for key: String?) -> String {
        guard let key else { return newID() }
        let digits = SHA256.hash(data: Array(key.utf8)).prefix(16)
            .map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
            .joined()
        let ends = [8, 12, 16, 20, 32]
        return zip([0] + ends, ends)
            .map { start, end in String(digits.dropFirst(start).prefix(end - start)) }
            .joined(separator: "-")
    }

    private func messages(of event: Event, _ json: JSON, to rule: EventRule, at now: Date) -> [PublishedMessage] {
        let input = EventInput(event: json, rule: rule, now: now)
        return rule.targets.map { target in
            let text = input.text(for: target)
            // A message has room for the event twice only when it is not too large.
            let hasRoom = text.utf8.count * 2 + event.detailType.utf8.count <= Message.maximumSize
            let message = Message(
                subject: event.detailType,
                body: text,
                payload: hasRoom ? try? JSON(parsing: text) : nil,
                attributes: ["Rule": rule.name],
                deduplicationKey: "\(event.id)/\(rule.name)/\(target.id)"
            )
            return PublishedMessage(
                id: newID(),
                topicARN: target.arn,
                message: message.withoutNUL,
                publishedAt: now
            )
        }
    }

    /// A rule's pattern, read once.
    private func pattern(_ text: String) -> EventPattern? {
        if let pattern = patterns.withLock({ $0[text] }) { return pattern }
        guard let pattern = try? EventPattern(parsing: text) else { return nil }
        patterns.withLock { patterns in
            if patterns.count >= 1000 { patterns.removeAll() }
            patterns[text] = pattern
        }
        return pattern
    }
}

extension NotificationError {
    static func constraint(_ value: String?, _ member: String, _ rule: String) -> NotificationError {
        NotificationError(
            .validation,
            "1 validation error detected: Value \(value.map { "'\($0)'" } ?? "null") at '\(member)' failed to satisfy constraint: \(rule)"
        )
    }
}
