/// The actions that can be offered to users, and what users did when they were.
///
/// Actions are codes `0 ..< actionCount`, users those of the interactions beside them. The order in which events are
/// given does not matter, and equal ones count once.
public struct ActionEvents: Sendable, Equatable {
    /// What an action is worth and when it may be offered.
    public struct Action: Sendable, Equatable {
        /// What it is worth when it is taken, zero or more; 1 by default (`VALUE`).
        public var value: Double
        /// From when on it is no longer offered, in seconds since 1970; never when nil (`ACTION_EXPIRATION_TIMESTAMP`).
        public var expiration: Int64?
        /// For how many days it is not offered to who has taken it; always offered when nil (`REPEAT_FREQUENCY`).
        public var repeatDays: Int?

        /// An action.
        ///
        /// - Parameters:
        ///   - value: What it is worth when it is taken.
        ///   - expiration: From when on it is no longer offered.
        ///   - repeatDays: For how many days it is not offered to who has taken it.
        public init(value: Double = 1, expiration: Int64? = nil, repeatDays: Int? = nil) {
            self.value = value
            self.expiration = expiration
            self.repeatDays = repeatDays
        }
    }

    /// What a user did.
    public enum Outcome: UInt8, Sendable, Comparable {
        /// He saw the action.
        case viewed
        /// He declined it.
        case notTaken
        /// He took it.
        case taken

        /// Whether one comes before another of the same time.
        public static func < (left: Outcome, right: Outcome) -> Bool { left.rawValue < right.rawValue }
    }

    /// One event.
    public struct Event: Sendable, Equatable, Comparable {
        /// The user's code.
        public let user: UInt32
        /// The action's code.
        public let action: UInt32
        /// When it happened, in seconds since 1970.
        public let timestamp: Int64
        /// What he did.
        public let outcome: Outcome

        /// An event.
        ///
        /// - Parameters:
        ///   - user: The user's code.
        ///   - action: The action's code.
        ///   - timestamp: When it happened, in seconds since 1970.
        ///   - outcome: What he did.
        public init(user: UInt32, action: UInt32, timestamp: Int64, outcome: Outcome) {
            self.user = user
            self.action = action
            self.timestamp = timestamp
            self.outcome = outcome
        }

        /// Events come by user, action and time.
        public static func < (left: Event, right: Event) -> Bool {
            (left.user, left.action, left.timestamp, left.outcome.rawValue)
                < (right.user, right.action, right.timestamp, right.outcome.rawValue)
        }
    }

    /// The actions, by code.
    public let actions: [Action]
    /// The events by user, action and time.
    public let events: [Event]

    /// Actions and what users did.
    ///
    /// - Parameters:
    ///   - actions: The actions, by code.
    ///   - events: What users did, in any order.
    /// - Throws: `RecommenderError` with `invalidData` for the event of an action beyond the last, or for an action whose
    ///   value is negative or no number, or whose days are negative.
    public init(actions: [Action], events: [Event]) throws(RecommenderError) {
        if let wrong = events.first(where: { Int($0.action) >= actions.count }) {
            throw RecommenderError(.invalidData, "action code \(wrong.action) is beyond the last of \(actions.count)")
        }
        for (code, action) in actions.enumerated() {
            guard action.value.isFinite, action.value >= 0 else {
                throw RecommenderError(
                    .invalidData,
                    "VALUE \"\(action.value)\" of action \(code) must be a number, zero or more"
                )
            }
            if let days = action.repeatDays, days < 0 {
                throw RecommenderError(
                    .invalidData,
                    "REPEAT_FREQUENCY \"\(days)\" of action \(code) must be zero days or more"
                )
            }
        }
        self.actions = actions
        var kept: [Event] = []
        kept.reserveCapacity(events.count)
        for event in events.sorted() where kept.last != event { kept.append(event) }
        self.events = kept
    }

    /// The same actions and the events of some users.
    ///
    /// - Parameter isKept: Whether those of a user stay.
    /// - Returns: What is left.
    func keepingUsers(where isKept: (UInt32) -> Bool) -> ActionEvents {
        ActionEvents(actions: actions, sorted: events.filter { isKept($0.user) })
    }

    private init(actions: [Action], sorted events: [Event]) {
        self.actions = actions
        self.events = events
    }

    /// The actions that are not to be offered to a user: those that have expired, and those he took not long ago.
    ///
    /// - Parameters:
    ///   - user: The user's code; nil knows of expired actions only.
    ///   - now: The time, in seconds since 1970.
    /// - Returns: The codes of the actions.
    public func unavailable(to user: UInt32?, at now: Int64) -> ItemSet {
        Self.unavailable(actions, after: user.map { Array(events(of: $0)) } ?? [], at: now)
    }

    /// The actions that are not to be offered to who did something.
    ///
    /// - Parameters:
    ///   - actions: The actions, by code.
    ///   - events: What he did; codes beyond the actions are passed over.
    ///   - now: The time, in seconds since 1970.
    /// - Returns: The codes of the actions.
    public static func unavailable(_ actions: [Action], after events: [Event], at now: Int64) -> ItemSet {
        var unavailable = ItemSet()
        for (code, action) in actions.enumerated() {
            if let expiration = action.expiration, expiration <= now { unavailable.insert(UInt32(code)) }
        }
        for event in events where event.outcome == .taken && event.timestamp <= now && Int(event.action) < actions.count
        {
            guard let days = actions[Int(event.action)].repeatDays else { continue }
            // The distance of two times may be more than a signed number holds.
            let age = UInt64(bitPattern: now &- event.timestamp)
            if age / 86_400 < UInt64(days) { unavailable.insert(event.action) }
        }
        return unavailable
    }

    private func events(of user: UInt32) -> ArraySlice<Event> {
        var (low, high) = (0, events.count)
        while low < high {
            let middle = (low + high) / 2
            if events[middle].user < user { low = middle + 1 } else { high = middle }
        }
        return events[low...].prefix { $0.user == user }
    }
}

extension ActionEvents {
    /// How often a user had the choice of an action, and how often he took it.
    struct Trials: Sendable, Equatable {
        let user: UInt32
        let action: UInt32
        let count: Float
        let successes: Float
    }

    /// The choices of all users.
    ///
    /// What an action was viewed for is told by what follows within the period: it was taken, or declined, or, when the
    /// period has passed, left; until then it is open and does not count. Views that follow within the period of the first
    /// are of one choice.
    func trials(period: Int64) -> [Trials] {
        Self.trials(of: events, period: period, now: events.map(\.timestamp).max() ?? 0)
    }

    /// The choices that sorted events tell of, at a time.
    static func trials(of events: [Event], period: Int64, now: Int64) -> [Trials] {
        var trials: [Trials] = []
        var start = 0
        while start < events.count {
            let first = events[start]
            let end = events[start...].firstIndex { $0.user != first.user || $0.action != first.action } ?? events.count
            var choices = Choices(period: UInt64(max(period, 0)))
            for event in events[start..<end] { choices.add(event) }
            choices.close(at: now)
            if choices.count > 0 {
                let (count, successes) = (Float(choices.count), Float(choices.successes))
                trials.append(Trials(user: first.user, action: first.action, count: count, successes: successes))
            }
            start = end
        }
        return trials
    }
}

/// The choices that one user has had of one action.
private struct Choices {
    let period: UInt64
    private(set) var count = 0
    private(set) var successes = 0
    private var viewed: Int64?

    init(period: UInt64) { self.period = period }

    mutating func add(_ event: ActionEvents.Event) {
        if let time = viewed, isOver(time, at: event.timestamp) {
            count += 1
            viewed = nil
        }
        switch event.outcome {
        case .viewed: viewed = viewed ?? event.timestamp
        case .notTaken, .taken:
            count += 1
            successes += event.outcome == .taken ? 1 : 0
            viewed = nil
        }
    }

    mutating func close(at now: Int64) {
        if let time = viewed, isOver(time, at: now) { count += 1 }
        viewed = nil
    }

    private func isOver(_ time: Int64, at now: Int64) -> Bool { UInt64(bitPattern: now &- time) > period }
}
