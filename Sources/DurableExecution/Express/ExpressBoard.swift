/// The Express executions under way: how many there are, and those that wait for the engine to run them.
struct ExpressBoard {
    private let limit: Int
    private var count = 0
    private var arrivals: [Execution] = []

    init(limit: Int) { self.limit = limit }

    /// Takes a place for an execution; false when all are taken.
    mutating func enter() -> Bool {
        guard count < limit else { return false }
        count += 1
        return true
    }

    /// Gives a place back.
    mutating func leave() { count -= 1 }

    /// Queues an execution that has a place.
    mutating func add(_ execution: Execution) { arrivals.append(execution) }

    /// Queues executions that earlier processes have not ended, before those that are queued already; they take places
    /// even where there are none left.
    mutating func resume(_ executions: [Execution]) {
        let queued = Set(arrivals.map(\.arn))
        let left = executions.filter { !queued.contains($0.arn) }
        count += left.count
        arrivals = left + arrivals
    }

    /// Hands out what is queued.
    mutating func takeArrivals() -> [Execution] {
        defer { arrivals = [] }
        return arrivals
    }
}
