/// Something wrong in a configuration file: where, what, and what to do about it.
public struct Fault: Sendable, Hashable, CustomStringConvertible {
    /// The JSON path from the root: `solutions.sims.recipeArn`; empty for the file as a whole.
    public let path: String
    /// The fact and the remedy, as what follows the path in a sentence.
    public let message: String
    /// Whether the message is a whole sentence that names its place itself.
    private let isSentence: Bool

    /// A fault whose message goes on from its path.
    init(path: String, message: String) {
        (self.path, self.message, isSentence) = (path, message, false)
    }

    /// A fault in a sentence of its own; the path is added where the sentence does not name it.
    init(path: String, sentence: String) {
        let isNamed = path.isEmpty || sentence.contains(path)
        (self.path, message, isSentence) = (path, isNamed ? sentence : "\(sentence) (at \(path))", true)
    }

    /// Path and message in one sentence.
    public var description: String { path.isEmpty || isSentence ? message : "\(path) \(message)" }
}

/// All that is wrong with a configuration file.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The faults, in the order of the file.
    public let faults: [Fault]

    /// A line a fault.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}
