import FoundationEssentials

/// What the engine has to do next: its decisions, without any doing.
///
/// Mail gathers by execution; an execution that is being worked on stays with its worker until that is done. An
/// execution without mail is in the database only, save for a bounded number of recent ones.
struct Agenda {
    private var mail: [String: [Delivery]] = [:]
    /// Executions with mail that nobody works on, in the order in which it came.
    private var ready: [String] = []
    /// What was set aside, since it takes long: the revisions of machines by turns.
    private var aside = RoundRobin<Int64, (arn: String, deliveries: [Delivery])>()
    private var busy: Set<String> = []
    /// Those of the busy whose step takes long.
    private var slow: Set<String> = []
    private var hot: RecentValues<String, HotExecution>

    private let slotCount: Int
    private var takenSlots = 0
    private var isOffered = false
    private var starts: [ScheduledTask] = []
    /// Handlers at work, with what ends each before its time.
    private var running: [TaskKey: Signal] = [:]
    /// Tasks whose lease this process keeps: those at work and those whose end is not yet on disk.
    private(set) var leased: Set<TaskKey> = []

    private(set) var nextTimer: Date?
    /// Timers that were delivered and are not yet done with.
    private var firing: Set<TimerKey> = []
    private(set) var isClosed = false

    init(slots: Int, hotExecutions: Int) {
        slotCount = slots
        hot = RecentValues(limit: hotExecutions)
    }
}

// MARK: - Mail

extension Agenda {
    /// What became of a delivery.
    enum Receipt {
        /// The engine has stopped and takes none.
        case refused
        case taken
        /// It waits for a step that takes long.
        case delayed
    }

    /// Takes a delivery in.
    mutating func add(_ delivery: Delivery, to arn: String) -> Receipt {
        guard !isClosed else { return .refused }
        // Whoever has mail is in a list already.
        let isFirst = mail[arn] == nil
        mail[arn, default: []].append(delivery)
        if isFirst, !busy.contains(arn) { ready.append(arn) }
        return slow.contains(arn) ? .delayed : .taken
    }

    /// Hands out executions with mail.
    mutating func takeWork(limit: Int) -> [Work] {
        let arns = ready.prefix(limit)
        ready.removeFirst(arns.count)
        return arns.map { take($0, mail.removeValue(forKey: $0) ?? []) }
    }

    /// Notes that executions are about to be begun by somebody who was not handed them: until that is finished or
    /// given up, their mail waits.
    mutating func occupy(_ arns: [String]) { busy.formUnion(arns) }

    /// Gives up what was to be begun.
    mutating func abandon(_ arns: [String]) { for arn in arns { release(arn) } }

    /// Hands out something that was set aside; whoever has mail meanwhile reads that first.
    mutating func takeWorkAside() -> Work? {
        guard let next = aside.takeFirst(where: { mail[$0.arn] == nil && !busy.contains($0.arn) }) else { return nil }
        slow.insert(next.arn)
        return take(next.arn, next.deliveries)
    }

    private mutating func take(_ arn: String, _ deliveries: [Delivery]) -> Work {
        busy.insert(arn)
        return Work(arn: arn, deliveries: deliveries, cached: hot.remove(arn))
    }

    /// Takes work back untouched, for those who do what takes long.
    mutating func setAside(_ work: Work, ofRevision revision: Int64) {
        aside.append((work.arn, work.deliveries), for: revision)
        if let cached = work.cached { hot.insert(cached, for: work.arn) }
        release(work.arn)
    }

    /// Whether anything is set aside.
    var hasWorkAside: Bool { !aside.isEmpty }

    /// Whether another worker would find something to do.
    var hasWork: Bool { !ready.isEmpty }

    /// Puts deliveries whose commit failed back before what came since.
    mutating func putBack(_ work: [Work]) {
        for work in work {
            let kept = work.deliveries.filter { $0.reply == nil }
            if !kept.isEmpty { mail[work.arn] = kept + (mail[work.arn] ?? []) }
            release(work.arn)
        }
    }

    /// Ends the work on an execution; keeps its state at hand while it runs.
    mutating func finish(_ arn: String, _ execution: HotExecution?) {
        if let execution, execution.execution.status == .running { hot.insert(execution, for: arn) }
        release(arn)
    }

    private mutating func release(_ arn: String) {
        busy.remove(arn)
        slow.remove(arn)
        if mail[arn] != nil { ready.append(arn) }
    }

    /// Takes no more mail and hands back what nobody will read.
    mutating func close() -> [Delivery] {
        isClosed = true
        defer {
            mail = [:]
            ready = []
            starts = []
            hot.removeAll()
        }
        return mail.values.flatMap(\.self) + aside.removeAll().flatMap(\.deliveries)
    }

    /// Begins anew after a stop.
    mutating func open() {
        isClosed = false
        (takenSlots, isOffered, nextTimer) = (0, false, nil)
        (busy, slow, running, leased, firing) = ([], [], [:], [], [])
    }
}

// MARK: - Tasks

extension Agenda {
    /// Takes free slots for tasks that are about to be scheduled, unless older ones wait in the database.
    mutating func reserveSlots(limit: Int) -> Int {
        isOffered ? 0 : takeSlots(limit)
    }

    /// Takes free slots for tasks that wait in the database.
    mutating func reserveSlotsForOffered(limit: Int) -> Int {
        isOffered ? takeSlots(limit) : 0
    }

    private mutating func takeSlots(_ limit: Int) -> Int {
        let count = max(0, min(limit, slotCount - takenSlots))
        takenSlots += count
        return count
    }

    /// Gives back slots that were reserved and not used.
    mutating func freeSlots(_ count: Int) { takenSlots -= count }

    /// Notes whether tasks wait in the database.
    mutating func noteOffered(_ isOffered: Bool) { self.isOffered = isOffered }

    /// Queues a leased task, which has a slot, for its handler.
    mutating func start(_ task: ScheduledTask) {
        leased.insert(task.key)
        starts.append(task)
    }

    /// Hands out the queued tasks, each with the signal that ends it before its time.
    mutating func takeStarts() -> [(task: ScheduledTask, cancellation: Signal)] {
        defer { starts = [] }
        return starts.map { task in
            let cancellation = Signal()
            running[task.key] = cancellation
            return (task, cancellation)
        }
    }

    /// Frees the slot of a handler that has ended; true when a waiting task can have it.
    mutating func handlerEnded(_ key: TaskKey) -> Bool {
        running[key] = nil
        takenSlots -= 1
        return isOffered
    }

    /// Forgets tasks that have left the database, and returns what ends their handlers.
    mutating func endTasks(_ keys: [TaskKey]) -> [Signal] {
        keys.compactMap { key in
            leased.remove(key)
            if let index = starts.firstIndex(where: { $0.key == key }) {
                starts.remove(at: index)
                takenSlots -= 1
            }
            return running[key]
        }
    }

    /// Forgets the leases of tasks that others will end.
    mutating func handOver(_ keys: [TaskKey]) { leased.subtract(keys) }
}

// MARK: - Timers

extension Agenda {
    /// Notes that a timer is due at a date; true when it is the next.
    mutating func noteTimer(_ date: Date?) -> Bool {
        guard let date, nextTimer.map({ date < $0 }) ?? true else { return false }
        nextTimer = date
        return true
    }

    /// Hands out when the next timer is due, before the store is asked, and how many timers are under way.
    mutating func takeNextTimer() -> (date: Date?, firing: Int) {
        defer { nextTimer = nil }
        return (nextTimer, firing.count)
    }

    /// Notes that timers are about to be delivered; returns those that are not under way already.
    mutating func fire(_ timers: [TimerKey]) -> [TimerKey] {
        timers.filter { firing.insert($0).inserted }
    }

    /// Notes that a timer's delivery was answered.
    mutating func hasFired(_ timer: TimerKey) { firing.remove(timer) }
}
