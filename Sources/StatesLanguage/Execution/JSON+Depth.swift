import JSON

extension JSON {
    /// Whether arrays and objects are nested in one another deeper than a limit.
    func isNested(deeperThan limit: Int) -> Bool {
        var level = isContainer ? [self] : []
        var depth = 0
        while !level.isEmpty {
            depth += 1
            if depth > limit { return true }
            level = level.flatMap(\.containers)
        }
        return false
    }

    /// The arrays and objects that this one holds.
    private var containers: [JSON] {
        switch self {
        case .array(let values): values.filter(\.isContainer)
        case .object(let object): object.values.filter(\.isContainer)
        default: []
        }
    }

    private var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }
}
