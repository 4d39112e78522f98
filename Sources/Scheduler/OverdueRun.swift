public import Foundation

/// A run that was due and did not happen, or not in time.
public struct OverdueRun: Sendable, Equatable {
    /// The firing that should have started it.
    public let firing: Firing
    /// Its schedule.
    public let schedule: Schedule
    /// When that was found.
    public let date: Date

    /// A run that did not happen.
    public init(firing: Firing, schedule: Schedule, date: Date) {
        self.firing = firing
        self.schedule = schedule
        self.date = date
    }

    /// What happened instead, as a sentence.
    public var fact: String {
        let reason = firing.reason.map { ": \($0)" } ?? ""
        return switch firing.status {
        case .pending: "It still waits\(reason)"
        case .skipped: "It was left out\(reason)"
        case .failed: "It could not be started\(reason)"
        case .started: "It started late, after \(Int(date.timeIntervalSince(firing.scheduledTime) / 60)) minutes"
        }
    }

    /// The same for all runs of one outage, so that it is told once: from the last execution that was started to the
    /// next, or all that was late at one start of the service.
    public var outage: String {
        guard firing.status != .started else { return "\(schedule.key)/late/\(firing.recordedAt.formatted(.iso8601))" }
        return "\(schedule.key)/after/\(schedule.lastExecution ?? schedule.createdAt.formatted(.iso8601))"
    }
}
