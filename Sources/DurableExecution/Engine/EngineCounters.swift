import StatesLanguage
import Synchronization

/// What an engine has done since its process began, for who watches it.
public struct EngineFigures: Sendable, Equatable {
    /// Executions that began, those of Map Runs and redrives included; Express ones are counted apart.
    public var started = 0
    /// Executions that ended, by how.
    public var ended: [Execution.Status: Int] = [:]
    /// States that were entered.
    public var statesEntered = 0
    /// Tasks that handlers have ended.
    public var tasksPerformed = 0
    /// Express executions that began.
    public var expressStarted = 0
    /// Express executions that ended, by how.
    public var expressEnded: [Execution.Status: Int] = [:]

    /// The figures of an engine that has done nothing.
    public init() {}
}

/// Counts steps when they are on disk.
final class EngineCounters: Sendable {
    private let figures = Mutex(EngineFigures())

    var current: EngineFigures { figures.withLock(\.self) }

    /// Notes the steps of one commit; nothing is locked while they are looked at.
    func note(_ transitions: some Sequence<Transition>) {
        var started = 0
        var entered = 0
        var ended: [Execution.Status] = []
        for transition in transitions {
            if transition.isNew { started += 1 }
            for event in transition.history {
                if event.type.isStateEntry { entered += 1 }
                if event.type == .executionRedriven { started += 1 }
            }
            if transition.execution.mapRun == nil {
                ended += transition.outcomes.map(\.status)
            } else if let step = transition.childStep, step.to != .running {
                ended.append(step.to)
            }
        }
        guard started + entered + ended.count > 0 else { return }
        figures.withLock { figures in
            figures.started += started
            figures.statesEntered += entered
            for status in ended { figures.ended[status, default: 0] += 1 }
        }
    }

    /// Notes that a handler has ended a task.
    func notePerformedTask() { figures.withLock { $0.tasksPerformed += 1 } }

    func noteExpressStart() { figures.withLock { $0.expressStarted += 1 } }

    func noteExpressEnd(_ status: Execution.Status) { figures.withLock { $0.expressEnded[status, default: 0] += 1 } }
}

extension HistoryEventType {
    fileprivate var isStateEntry: Bool {
        switch self {
        case .choiceStateEntered, .failStateEntered, .mapStateEntered, .parallelStateEntered, .passStateEntered,
            .succeedStateEntered, .taskStateEntered, .waitStateEntered:
            true
        default: false
        }
    }
}

extension Engine {
    /// What this engine has done since it was made.
    public var figures: EngineFigures { counters.current }

    /// How long a task belongs to a process unless renewed.
    public var leaseDuration: Duration { configuration.leaseDuration }
}
