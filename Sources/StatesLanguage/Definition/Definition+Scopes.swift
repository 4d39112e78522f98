extension Definition {
    /// The machine that the children of a distributed Map run; `nil` when the state is none.
    ///
    /// - Parameter stateName: The Map state, anywhere in the machine.
    /// - Returns: A definition that starts where the state's processor does and shares the machine's states.
    public func itemProcessor(of stateName: String) -> Definition? {
        guard case .map(let map)? = statesByName[stateName]?.kind, map.distributed != nil else { return nil }
        return Definition(startAt: map.startAt, sharing: self)
    }

    /// The states that are reached from one without leaving its scope, in the order in which they are met.
    func reach(from start: String) -> [StateDefinition] {
        var seen: Set<String> = [start]
        var queue = [start]
        var next = 0
        while next < queue.count {
            for name in statesByName[queue[next]]?.targets ?? [] where seen.insert(name).inserted { queue.append(name) }
            next += 1
        }
        return queue.compactMap { statesByName[$0] }
    }
}
