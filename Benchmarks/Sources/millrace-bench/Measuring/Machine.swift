import Foundation
import JSON

/// What the figures depend on beside the program.
struct Machine: Sendable {
    let cores: Int
    let load: String
    let fileSystem: String
    /// How long it takes to append 4 KiB to a file and sync it, in milliseconds.
    let syncMilliseconds: Double

    init(directory: String) throws {
        cores = ProcessInfo.processInfo.activeProcessorCount
        let average = try String(contentsOfFile: "/proc/loadavg", encoding: .utf8)
        load = average.split(separator: " ").prefix(3).joined(separator: " ")
        fileSystem = try Self.fileSystem(of: directory)
        syncMilliseconds = try Self.syncTime(in: directory)
    }

    var text: String {
        """
        \(cores) cores, load before \(load), \(fileSystem), 4 KiB appended and synced in \
        \(syncMilliseconds.rounded3) ms (median)
        """
    }

    var json: JSON {
        [
            "cores": .init(cores), "load": .string(load), "fileSystem": .string(fileSystem),
            "syncMilliseconds": .double(syncMilliseconds),
        ]
    }

    /// The type of the file system whose mount point is the longest beginning of a path.
    private static func fileSystem(of path: String) throws -> String {
        var best = (mountPoint: "", type: "unknown file system")
        for line in try String(contentsOfFile: "/proc/mounts", encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 2, words[1].count >= best.mountPoint.count else { continue }
            let folder = words[1].hasSuffix("/") ? words[1] : words[1] + "/"
            if "\(path)/".hasPrefix(folder) { best = (words[1], words[2]) }
        }
        return best.type
    }

    private static func syncTime(in directory: String) throws -> Double {
        let path = "\(directory)/sync"
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw BenchmarkError("cannot write \"\(path)\"; choose another place with --directory") }
        let block = Data(repeating: 1, count: 4096)
        let times = try (0..<50).map { _ in
            try timed {
                try file.write(contentsOf: block)
                try file.synchronize()
            }.seconds * 1000
        }
        try file.close()
        try FileManager.default.removeItem(atPath: path)
        return Distribution(times).median
    }
}
