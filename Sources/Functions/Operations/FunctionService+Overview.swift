public import JSON
internal import Synchronization

extension FunctionService {
    /// All functions as Lambda lists them, each with the events that wait for it or have failed, and what is wrong with
    /// folders that hold none.
    ///
    /// - Returns: `Functions` and `faults`.
    /// - Throws: The store's own error.
    public func overview() async throws -> JSON {
        var list = listFunctions()
        let counts = try await store.functionEventCounts()
        list["Functions"] = .array(
            (list["Functions"]?.array ?? []).map { function in
                var function = function
                let count = counts[function["FunctionName"]?.string ?? ""] ?? FunctionEvent.Counts()
                function["events"] = ["waiting": .init(count.waiting), "failed": .init(count.failed)]
                return function
            }
        )
        list["faults"] = .array(faults.map(JSON.string))
        return list
    }

    private var faults: [String] { state.withLock { $0.faults.values.sorted() } }
}
