public import Foundation
public import JSON

/// What a user asks a schedule to be.
public struct ScheduleDefinition: Sendable, Equatable {
    /// What a firing starts.
    public struct Target: Sendable, Equatable {
        /// The kind of work, a word that the closure `fire` understands.
        public var kind: String
        /// The input handed over at each firing.
        public var input: JSON
        /// How often, and for how long, a firing is tried that could not be handed over; `nil` for the service's own.
        public var retryPolicy: RetryPolicy?
        /// The role that AWS would take on; kept and shown, nothing here asks for one.
        public var roleARN: String?
        /// The queue in which AWS would lay what it could not hand over; kept and shown, a notice tells of it here.
        public var deadLetterARN: String?

        /// A target with its input.
        public init(kind: String, input: JSON) {
            self.kind = kind
            self.input = input
        }
    }

    /// What to do at a start after downtime, or when the machine slept, with firings that were missed.
    public enum CatchUp: String, Sendable, CaseIterable {
        /// Fire once, for the latest missed time.
        case once
        /// Fire for each missed time, up to the configured limit, the latest ones.
        case all
        /// Fire for none.
        case skip
    }

    /// What to do when a firing is due while the execution of the last one still runs.
    public enum Overlap: String, Sendable, CaseIterable {
        /// Leave this firing out.
        case skip
        /// Let both run.
        case allow
        /// Fire as soon as the running one has ended.
        case queue
        /// Stop the running one, then fire.
        case cancel
    }

    /// What happens with a schedule that has fired for the last time.
    public enum ActionAfterCompletion: String, Sendable, CaseIterable {
        /// It stays.
        case none = "NONE"
        /// It is deleted.
        case delete = "DELETE"
    }

    /// How often, and for how long, a firing is tried that could not be handed over.
    public struct RetryPolicy: Sendable, Equatable {
        /// How often it is tried again; 0 to 185.
        public var maximumAttempts: Int
        /// How many seconds after its scheduled time it is given up; 60 to 86,400.
        public var maximumAge: Int

        /// A policy; what is not given is as much as AWS allows.
        public init(maximumAttempts: Int = 185, maximumAge: Int = 86_400) {
            self.maximumAttempts = maximumAttempts
            self.maximumAge = maximumAge
        }
    }

    /// The longest name and group name; both are of letters, digits, `-`, `_` and `.`.
    public static let maximumNameLength = 64

    /// The name and group by which the schedule is found.
    public var key: Schedule.Key
    /// When it fires.
    public var expression: ScheduleExpression
    /// The IANA name of the time zone in which the expression is meant; `UTC` unless given.
    public var timeZone: String
    /// Nothing fires before; a rate counts from here, its first firing being at this moment.
    public var startDate: Date?
    /// Nothing fires after.
    public var endDate: Date?
    /// What a firing starts.
    public var target: Target
    /// What happens with missed firings; once unless given.
    public var catchUp: CatchUp
    /// What happens while the last execution runs; skip unless given.
    public var overlap: Overlap
    /// A text for people.
    public var description: String?
    /// Within how many minutes after its time a firing starts, spread over them; `nil` for at once.
    public var flexibleMinutes: Int?
    /// What happens after the last firing; nothing unless said.
    public var completion = ActionAfterCompletion.none
    /// How many seconds late a run may be before it is told that it did not happen; 0 for never, `nil` for the
    /// service's own.
    public var grace: Int?
    /// A key of AWS's; kept and shown, nothing is encrypted with it.
    public var kmsKeyARN: String?

    /// A definition; throws a `ValidationException` when the name or the time zone is not valid or the dates contradict.
    public init(
        key: Schedule.Key,
        expression: ScheduleExpression,
        timeZone: String = "UTC",
        startDate: Date? = nil,
        endDate: Date? = nil,
        target: Target,
        catchUp: CatchUp = .once,
        overlap: Overlap = .skip,
        description: String? = nil
    ) throws(SchedulerError) {
        self.key = key
        self.expression = expression
        self.timeZone = timeZone
        self.startDate = startDate
        self.endDate = endDate
        self.target = target
        self.catchUp = catchUp
        self.overlap = overlap
        self.description = description
        try validate()
    }

    /// What a user should know although the definition is accepted, such as that it never fires.
    public func warnings(at now: Date) -> [String] {
        guard next(after: now, anchor: now) == nil else { return [] }
        return ["schedule \"\(key.name)\" never fires: \(expression) in \(timeZone) names no time to come"]
    }

    /// The first firing time after a moment, within the dates of the definition.
    func next(after date: Date, anchor: Date) -> Date? {
        guard let zone = TimeZone(identifier: timeZone) else { return nil }
        var next = expression.next(after: max(date, dayBeforeStart), in: zone, anchor: rateAnchor(anchor))
        while let time = next, let startDate, time < startDate {
            next = expression.next(after: time, in: zone, anchor: rateAnchor(anchor))
        }
        guard let next, next <= endDate ?? .distantFuture else { return nil }
        return next
    }

    /// The firing times from one moment through another, in order, at most so many.
    func times(from start: Date, through end: Date, anchor: Date, limit: Int) -> [Date] {
        var times: [Date] = []
        var time = next(after: start.addingTimeInterval(-0.001), anchor: anchor)
        while let current = time, current <= end, times.count < limit {
            times.append(current)
            time = next(after: current, anchor: anchor)
        }
        return times
    }

    /// The last so many firing times from one moment through another.
    func last(_ count: Int, from start: Date, through end: Date, anchor: Date) -> [Date] {
        guard let zone = TimeZone(identifier: timeZone) else { return [] }
        let end = min(end, endDate ?? end)
        return expression.last(
            count,
            from: max(start, startDate ?? start),
            through: end,
            in: zone,
            anchor: rateAnchor(anchor)
        )
    }

    /// One step before the start date, so that a firing at that very moment counts.
    private var dayBeforeStart: Date { startDate?.addingTimeInterval(-1) ?? .distantPast }

    /// A rate's first firing is one span after its anchor, but at the start date where one is given.
    private func rateAnchor(_ anchor: Date) -> Date {
        guard let startDate, let span = expression.rateSpan else { return anchor }
        return startDate.addingTimeInterval(-span)
    }

    private func validate() throws(SchedulerError) {
        try Self.validate(key.name, as: "name")
        try Self.validate(key.groupName, as: "groupName")
        _ = try TimeZone(named: timeZone)
        if let startDate, let endDate, endDate <= startDate {
            throw SchedulerError(.validation, "schedule \"\(key.name)\": endDate must be after startDate")
        }
    }

    private static func validate(_ name: String, as place: String) throws(SchedulerError) {
        let isOfPattern = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-_.".utf8.contains(byte)
            }
        }
        guard isOfPattern, (1...maximumNameLength).contains(name.utf8.count) else {
            let pattern = "[0-9a-zA-Z-_.] of 1 to \(maximumNameLength) characters"
            throw SchedulerError(.validation, "schedule \(place) \"\(name)\" must be a text of \(pattern)")
        }
    }
}
