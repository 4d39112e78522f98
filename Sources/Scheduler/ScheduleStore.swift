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
    @discardableResult
    func updateSchedule(
        _ key: Schedule.Key,
        _ change: @escaping @Sendable (Schedule?) throws -> Schedule?
    ) async throws -> Schedule?

    /// A schedule, or `nil` when there is none of this key.
    func schedule(_ key: Schedule.Key) async throws -> Schedule?

    /// All schedules, or those of a group, by group and name.
    func schedules(inGroup groupName: String?) async throws -> [Schedule]

    /// Removes all schedules of a group with their firings; returns how many there were.
    @discardableResult
    func deleteSchedules(inGroup groupName: String) async throws -> Int

    /// The enabled schedules whose next firing is at this moment or before, the earliest first.
    func dueSchedules(at now: Date, limit: Int) async throws -> [Schedule]

    /// Records the firings of a due schedule and moves it on; `false`, and nothing saved, when it changed meanwhile.
    ///
    /// A scheduled time that was recorded before is not recorded again.
    func advance(_ advance: ScheduleAdvance) async throws -> Bool

    /// Records a firing outside the schedule's times.
    func record(_ firing: Firing) async throws

    /// The pending firings that are to be tried at this moment or before, by scheduled time, with their schedules.
    func pendingFirings(at now: Date, limit: Int) async throws -> [(firing: Firing, schedule: Schedule)]

    /// Saves what became of a firing, and its execution or error in the schedule; keeps the newest firings only.
    ///
    /// A firing whose schedule is gone is forgotten.
    func finish(_ firing: Firing, keepingLast historyLimit: Int) async throws

    /// The firings of a schedule, the latest first.
    func firings(of key: Schedule.Key, limit: Int) async throws -> [Firing]

    /// The earliest moment at which a schedule fires or a firing is to be tried.
    func nextDueDate() async throws -> Date?
}
