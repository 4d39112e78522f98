import Foundation

/// Where benchmarks find and put things.
struct Workspace: Sendable {
    /// The program to be measured.
    let program: String
    /// The folder with the MovieLens example.
    let example: String
    /// Files that only this run needs.
    let directory: String

    /// Makes a directory for a run, and removes it afterwards.
    static func with<T>(
        program: String,
        example: String,
        in parent: String,
        _ body: (Workspace) async throws -> T
    ) async throws -> T {
        let directory = "\(parent)/millrace-bench-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await body(Workspace(program: program, example: example, directory: directory))
    }

    /// Makes an empty directory of its own for one measurement.
    func subdirectory(_ name: String) throws -> String {
        let path = "\(directory)/\(name)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    func remove(_ path: String) throws {
        try FileManager.default.removeItem(atPath: path)
    }
}
