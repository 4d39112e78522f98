public import Foundation

/// What has to be saved at once when a schedule is due: its firings, and how far it has come.
public struct ScheduleAdvance: Sendable, Equatable {
    /// The schedule that was due.
    public var key: Schedule.Key
    /// The next firing that was seen; nothing is saved when it has changed since.
    public var expectedNextFire: Date
    /// The next firing from now on.
    public var nextFire: Date?
    /// What it fires now, in order.
    public var firings: [Firing]

    /// An advance of a schedule.
    public init(key: Schedule.Key, expectedNextFire: Date, nextFire: Date?, firings: [Firing]) {
        self.key = key
        self.expectedNextFire = expectedNextFire
        self.nextFire = nextFire
        self.firings = firings
    }
}

/// Where schedules and their firings are kept.
///
/// Each function is one transaction.
public protocol ScheduleStore: Sendable {
    /// Reads a schedule, lets it be changed, made (from `nil`) or removed (to `nil`), and saves what came out.
    ///
    /// A new schedule's group is made with it; for a request, the group must be there (`ResourceNotFoundException`). A
    /// request whose token was seen changes nothing; with another text it is a `ConflictException`.
    @discardableResult
    func updateSchedule(
        _ key: Schedule.Key,
        for request: ClientRequest?,
        _ change: @escaping @Sendable (Schedule?) throws -> Schedule?
    ) async throws -> Schedule?

    /// A schedule, or `nil` when there is none of this key.
    func schedule(_ key: Schedule.Key) async throws -> Schedule?

    /// All schedules, or those of a group, by group and name.
    func schedules(inGroup groupName: String?) async throws -> [Schedule]

    /// The schedules of a query that come after a key, by group and name.
    func schedules(_ query: ScheduleQuery, after key: Schedule.Key?, limit: Int) async throws -> [Schedule]

    /// Removes all schedules of a group with their firings, and the group itself unless it is `default`; returns how
    /// many schedules there were.
    @discardableResult
    func deleteSchedules(inGroup groupName: String) async throws -> Int

    /// Removes the schedules that are to be deleted after their last firing and have no firing left to be handed over
    /// or told of; returns their keys.
    func deleteCompletedSchedules() async throws -> [Schedule.Key]

    /// Reads a group, lets it be changed, made or removed with its schedules, and saves what came out.
    ///
    /// A request whose token was seen changes nothing; with another text it is a `ConflictException`.
    @discardableResult
    func updateScheduleGroup(
        _ name: String,
        for request: ClientRequest?,
        _ change: @escaping @Sendable (ScheduleGroup?) throws -> ScheduleGroup?
    ) async throws -> ScheduleGroup?

    /// A group, or `nil` when there is none of this name.
    func scheduleGroup(_ name: String) async throws -> ScheduleGroup?

    /// The groups whose names begin so and come after a name, by name.
    func scheduleGroups(prefix: String, after name: String?, limit: Int) async throws -> [ScheduleGroup]

    /// The enabled schedules whose next firing is at this moment or before, the earliest first.
    func dueSchedules(at now: Date, limit: Int) async throws -> [Schedule]

    /// Records the firings of a due schedule and moves it on; `false`, and nothing saved, when it changed meanwhile.
    ///
    /// A scheduled time that was recorded before is not recorded again.
    func advance(_ advance: ScheduleAdvance) async throws -> Bool

    /// Records a firing that a user asks for; one of the same id that did not start is replaced.
    func record(_ firing: Firing) async throws

    /// The pending firings that are to be tried at this moment or before, by scheduled time, with their schedules.
    func pendingFirings(at now: Date, limit: Int) async throws -> [(firing: Firing, schedule: Schedule)]

    /// Saves what became of a firing, and its execution or error in the schedule; keeps the newest firings only.
    ///
    /// A firing whose schedule is gone is forgotten.
    func finish(_ firing: Firing, keepingLast historyLimit: Int) async throws

    /// The firings of a schedule, the latest first.
    func firings(of key: Schedule.Key, limit: Int) async throws -> [Firing]

    /// The firings of a schedule whose scheduled times lie in a range, by that time.
    func firings(of key: Schedule.Key, from start: Date, through end: Date) async throws -> [Firing]

    /// Skips the pending firings of a schedule's backfill for a reason; returns how many there were.
    func skipBackfill(of key: Schedule.Key, because reason: String) async throws -> Int

    /// The firings of which it is to be told that they did not happen, with their schedules.
    func overdueFirings(at now: Date, limit: Int) async throws -> [(firing: Firing, schedule: Schedule)]

    /// Puts off what is to be told of a firing, or settles it with `nil`.
    func setNotice(of firingID: String, due date: Date?) async throws

    /// The earliest moment at which a schedule fires, or a firing is to be tried or told of.
    func nextDueDate() async throws -> Date?
}

extension ScheduleStore {
    /// Changes a schedule for nobody's request.
    @discardableResult
    func updateSchedule(
        _ key: Schedule.Key,
        _ change: @escaping @Sendable (Schedule?) throws -> Schedule?
    ) async throws -> Schedule? {
        try await updateSchedule(key, for: nil, change)
    }
}
