import FoundationEssentials

/// A Map Run in a rehearsal.
struct RehearsedRun {
    let request: MapRunRequest
    /// The place of the execution that asked for it.
    let execution: Int
    let startDate: Date
    var standing: MapRunStanding
    var driver: MapRunDriver
    var processor: Definition?
    /// The places of its children.
    var children: [Int] = []
    var status = ExecutionState.Status.running
    var error: StatesError?
    var stopDate: Date?
    private var inputs: ChildInputs<MapRunItem>?
    /// The items that are in no child yet.
    private var items: ArraySlice<MapRunItem> = []

    init(_ request: MapRunRequest, execution: Int, concurrencyCap: Int, startDate: Date) {
        self.request = request
        self.execution = execution
        self.startDate = startDate
        driver = MapRunDriver(concurrencyCap: concurrencyCap)
        standing = MapRunStanding(
            maxConcurrency: request.maxConcurrency,
            toleratedFailureCount: request.toleratedFailureCount,
            toleratedFailurePercentage: request.toleratedFailurePercentage
        )
    }

    /// Takes the items it is to run.
    mutating func take(_ items: [MapRunItem], _ definition: Definition, now: Date) {
        self.items = items[...]
        standing.itemTotal = items.count
        processor = definition.itemProcessor(of: request.stateName)
        inputs = ChildInputs(request, definition, now: now, read: \.self)
    }

    /// The inputs of the next children.
    mutating func nextInputs(limit: Int) throws(StatesError) -> [ChildInputs<MapRunItem>.Input] {
        let made = try inputs?.make(of: items, from: items.startIndex, isLast: true, limit: limit) ?? []
        items = items.dropFirst(made.reduce(0) { $0 + $1.itemCount })
        standing.isComplete = items.isEmpty || made.isEmpty
        return made
    }

    mutating func end(_ status: ExecutionState.Status, at date: Date) {
        self.status = status
        stopDate = date
        standing.isRunning = false
    }
}
