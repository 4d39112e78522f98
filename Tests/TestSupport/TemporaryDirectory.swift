import FoundationEssentials

/// A directory that is removed when the value is dropped.
public final class TemporaryDirectory: Sendable {
    /// Its absolute path.
    public let path: String

    /// Makes an empty directory under the system's temporary directory.
    public init() throws {
        path = "\(FileManager.default.temporaryDirectory.path)/millrace-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file in it, with the directories above it.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let file = file(name)
        let directory = file.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: "/\(directory)", withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }
}
