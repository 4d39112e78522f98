public import StatesLanguage

/// What the engine remembers of Map Runs and their children; every function is one transaction.
///
/// Runs begin, are redriven and end with steps of their execution, and their counts change with steps of their
/// children: all that is in `Transition`.
public protocol MapRunStore: Sendable {
    /// Saves the first steps of children, and that their items have been read, or none.
    func commit(_ transitions: [Transition], _ progress: MapRun.Progress, ofMapRun arn: String) async throws
    /// Finds a Map Run.
    func mapRun(_ arn: String) async throws -> MapRun?
    /// Finds the Map Run of an id in an execution.
    func mapRun(of executionArn: String, requestID: Int) async throws -> MapRun?
    /// What a Map Run was asked for.
    func mapRunRequest(_ arn: String) async throws -> MapRunRequest?
    /// Lists an execution's Map Runs, newest first. Throws `ExecutionError` `InvalidToken` for a token it did not make.
    func mapRuns(of executionArn: String, _ page: PageRequest) async throws -> Page<MapRun>
    /// The Map Runs that have work to do: those that run, and those that have ended and whose children have not.
    func openMapRuns() async throws -> [MapRun]
    /// Changes limits; returns the run, or `nil` when there is none.
    func update(_ limits: MapRunLimits, ofMapRun arn: String) async throws -> MapRun?
    /// Notes how many results are written.
    func noteResults(executions: Int, items: Int, ofMapRun arn: String) async throws
    /// Children in the order of their numbers.
    func children(_ query: MapRunChildren) async throws -> [Execution]
}

/// What `UpdateMapRun` changes; what is `nil` stays.
public struct MapRunLimits: Sendable, Equatable {
    /// How many children may run at once.
    public var maxConcurrency: Int?
    /// How many items may fail.
    public var toleratedFailureCount: Int?
    /// How many percent of the items may fail.
    public var toleratedFailurePercentage: Double?

    /// Limits to set.
    public init(
        maxConcurrency: Int? = nil,
        toleratedFailureCount: Int? = nil,
        toleratedFailurePercentage: Double? = nil
    ) {
        self.maxConcurrency = maxConcurrency
        self.toleratedFailureCount = toleratedFailureCount
        self.toleratedFailurePercentage = toleratedFailurePercentage
    }
}

/// Which children of a Map Run are wanted.
public struct MapRunChildren: Sendable, Equatable {
    /// The run.
    public var mapRunArn: String
    /// Where they stand; `nil` for anywhere.
    public var statuses: [Execution.Status]?
    /// Only those that last ran in an earlier redrive of the run.
    public var redriveCountBelow: Int?
    /// Only those with a number above.
    public var after: Int
    /// How many at most.
    public var limit: Int

    /// Children of a run.
    public init(
        of mapRunArn: String,
        in statuses: [Execution.Status]? = nil,
        redriveCountBelow: Int? = nil,
        after: Int = -1,
        limit: Int
    ) {
        self.mapRunArn = mapRunArn
        self.statuses = statuses
        self.redriveCountBelow = redriveCountBelow
        self.after = after
        self.limit = limit
    }
}
