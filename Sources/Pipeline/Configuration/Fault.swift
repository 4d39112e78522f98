/// Something wrong in a configuration file: where, what, and what to do about it.
public struct Fault: Sendable, Hashable, CustomStringConvertible {
    /// The JSON path from the root: `solutions.sims.recipeArn`; empty for the file as a whole.
    public let path: String
    /// The fact and the remedy, as what follows the path in a sentence.
    public let message: String

    /// Path and message in one sentence.
    public var description: String { path.isEmpty ? message : "\(path) \(message)" }
}

/// All that is wrong with a configuration file.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The faults, in the order of the file.
    public let faults: [Fault]

    /// A line a fault.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}
