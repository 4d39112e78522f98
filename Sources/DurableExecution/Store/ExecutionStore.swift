public import FoundationEssentials
public import JSON

/// What the engine remembers; every function is one transaction.
///
/// Errors other than `ExecutionError` mean that nothing was changed and that the same call may succeed later; their
/// descriptions hold no values of users.
public protocol ExecutionStore: StateMachineStore, MapRunStore, ExpressStore, NestedStore {
    // MARK: Executions

    /// Saves all transitions or none.
    func commit(_ transitions: [Transition]) async throws
    /// Finds executions with their states; those that do not exist are left out.
    func load(_ arns: [String]) async throws -> [StoredExecution]
    /// Finds an execution.
    func execution(_ arn: String) async throws -> Execution?
    /// Lists executions, newest first. Throws `ExecutionError` `InvalidToken` for a token it did not make.
    func executions(_ query: ExecutionQuery, _ page: PageRequest) async throws -> Page<Execution>
    /// History events in AWS's shape. Throws `ExecutionError` `InvalidToken` for a token it did not make.
    func history(of arn: String, isReversed: Bool, _ page: PageRequest) async throws -> Page<JSON>

    // MARK: Timers

    /// When the next timer is due that is due after a date.
    func nextTimerDate(after date: Date) async throws -> Date?
    /// The timers that are due between two dates or on them, earliest first; they stay until a transition ends them.
    func dueTimers(from start: Date, to end: Date, limit: Int) async throws -> [TimerKey]

    // MARK: Tasks

    /// Takes tasks that are offered to handlers, oldest first, and leases them.
    func claimTasks(limit: Int, lease: Lease) async throws -> [ScheduledTask]
    /// Prolongs leases that the owner still has.
    func renew(_ lease: Lease, of tasks: [TaskKey]) async throws
    /// Offers again what other owners have leased, and returns how many tasks that were.
    func releaseTasks(notOwnedBy owner: String) async throws -> Int
    /// Offers again what was leased until now, and returns how many tasks that were.
    func releaseTasks(leasedUntil now: Date) async throws -> Int
    /// How many tasks are offered to handlers.
    func offeredTaskCount() async throws -> Int
    /// Finds the open task with a token.
    func task(token: String) async throws -> TaskKey?

    // MARK: Activities

    /// Saves a new activity with its tags, unless one of its ARN exists; returns the one that is stored then.
    func insert(_ activity: Activity, tags: [Tag]) async throws -> Activity
    /// Finds an activity.
    func activity(_ arn: String) async throws -> Activity?
    /// Removes an activity; its tasks stay until their time is over.
    func deleteActivity(_ arn: String) async throws
    /// Lists activities by name. Throws `ExecutionError` `InvalidToken` for a token it did not make.
    func activities(_ page: PageRequest) async throws -> Page<Activity>
    /// The ARNs of all activities.
    func activityARNs() async throws -> [String]
    /// The tasks of an activity that no worker has, oldest first; they stay until a transition gives them to one.
    func offeredTasks(ofActivity arn: String, limit: Int) async throws -> [ScheduledTask]

    // MARK: Secrets

    /// The secret of a name; the given one is saved where there is none.
    func secret(_ name: String, orInsert new: [UInt8]) async throws -> [UInt8]

    // MARK: Outcomes

    /// The outcomes nobody has acknowledged, oldest first.
    func unacknowledgedOutcomes(limit: Int) async throws -> [ExecutionOutcome]
    /// Notes that an outcome was published.
    func acknowledgeOutcome(of arn: String, redriveCount: Int, at now: Date) async throws
    /// The beginnings nobody has told, oldest first.
    func untoldBeginnings(limit: Int) async throws -> [ExecutionBeginning]
    /// Removes beginnings that were told.
    func forgetBeginnings(_ ids: [ExecutionBeginning.ID]) async throws
}

/// Which part of a list is wanted.
public struct PageRequest: Sendable, Equatable {
    /// How many elements at most, from 1 to 1,000.
    public var limit: Int
    /// The token the page before ended with.
    public var token: String?

    /// A page; the first when there is no token.
    public init(limit: Int = 100, token: String? = nil) {
        self.limit = limit
        self.token = token
    }
}

/// A part of a list.
public struct Page<Element: Sendable>: Sendable {
    /// The elements.
    public var elements: [Element]
    /// What to ask the next page with; `nil` after the last.
    public var nextToken: String?

    /// A page of elements.
    public init(_ elements: [Element], nextToken: String? = nil) {
        self.elements = elements
        self.nextToken = nextToken
    }
}

/// Which executions are wanted; what is `nil` does not matter.
public struct ExecutionQuery: Sendable, Equatable {
    /// Of one state machine.
    public var stateMachineArn: String?
    /// In one status.
    public var status: Execution.Status?
    /// Redriven at least once, or never.
    public var isRedriven: Bool?
    /// The children of one Map Run; otherwise children are left out.
    public var mapRunArn: String?

    /// A query; without arguments, for all that are no children of Map Runs.
    public init(
        stateMachineArn: String? = nil,
        status: Execution.Status? = nil,
        isRedriven: Bool? = nil,
        mapRunArn: String? = nil
    ) {
        self.stateMachineArn = stateMachineArn
        self.status = status
        self.isRedriven = isRedriven
        self.mapRunArn = mapRunArn
    }
}

/// An execution as it is kept between two transitions.
public struct StoredExecution: Sendable {
    /// What the world sees of it.
    public var execution: Execution
    /// The interpreter's state as JSON text; `nil` once it has succeeded.
    public var state: String?

    /// An execution with its state.
    public init(execution: Execution, state: String?) {
        self.execution = execution
        self.state = state
    }
}

/// Who works on a task, and until when nobody else may.
public struct Lease: Sendable, Equatable {
    /// The process that holds it.
    public var owner: String
    /// When it ends unless renewed.
    public var end: Date

    /// A lease of an owner until a date.
    public init(owner: String, end: Date) {
        self.owner = owner
        self.end = end
    }
}

/// Names a task.
public struct TaskKey: Sendable, Hashable {
    /// The execution it belongs to.
    public var executionArn: String
    /// Its id, unique in its execution.
    public var id: Int

    /// A task of an execution.
    public init(executionArn: String, id: Int) {
        self.executionArn = executionArn
        self.id = id
    }
}

/// Names a timer.
public struct TimerKey: Sendable, Hashable {
    /// The execution it belongs to.
    public var executionArn: String
    /// Its id, unique in its execution.
    public var id: Int

    /// A timer of an execution.
    public init(executionArn: String, id: Int) {
        self.executionArn = executionArn
        self.id = id
    }
}
