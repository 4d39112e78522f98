public import JSON

/// What a rehearsal needed and nobody had an answer for.
public struct MissingMock: Sendable, Equatable, CustomStringConvertible {
    /// The Task, or the Map whose items are missing.
    public let stateName: String
    /// What the task was given, or what the reader was to read.
    public let input: JSON
    /// Whether the items of a Map are missing.
    public let isItems: Bool

    static func task(_ request: TaskRequest) -> MissingMock {
        MissingMock(stateName: request.stateName, input: request.parameters, isItems: false)
    }

    static func items(_ request: MapRunRequest) -> MissingMock {
        var arguments = JSON.null
        if case .reader(_, let value, _) = request.source { arguments = value }
        return MissingMock(stateName: request.stateName, input: arguments, isItems: true)
    }

    /// Place, fact and remedy.
    public var description: String {
        let text = input.text
        let shown = text.count > 200 ? "\(text.prefix(199))…" : text
        let name = JSON.string(stateName).text
        if isItems {
            return "the Map state \(name) reads items and has no mock for \(shown); "
                + "add \(name): {\"Items\": [ … ]} to the mock file"
        }
        return "the state \(name) was reached and has no mock for \(shown); "
            + "add \(name): {\"Return\": …} to the mock file"
    }
}
