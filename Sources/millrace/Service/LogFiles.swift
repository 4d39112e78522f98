import DurableExecution
import DurableFiles
import Foundation

/// The logs of state machines: a file of JSON lines a log group, in the folder `logs` of the home.
///
/// The group `/aws/vendedlogs/states/orders` is `logs/aws/vendedlogs/states/orders.jsonl`. Files are opened for each
/// batch of lines, so that they can be moved away at any time.
struct LogFiles: LogSink {
    let directory: String

    func append(_ lines: [String], to group: String) throws {
        let path = path(of: group)
        let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
        do throws(FileError) {
            try AppendedFile.append(bytes, to: path)
        } catch {
            guard error.isMissing else { throw error }
            try DirectoryListing.create(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)))
            try AppendedFile.append(bytes, to: path)
        }
    }

    /// The last lines of a group, oldest first; so many of them as its last mebibyte has.
    func last(_ count: Int, of group: String) -> [String] {
        guard let file = FileHandle(forReadingAtPath: path(of: group)) else { return [] }
        defer { try? file.close() }
        let size = (try? file.seekToEnd()) ?? 0
        let start = size > 1 << 20 ? size - 1 << 20 : 0
        try? file.seek(toOffset: start)
        let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
        let lines = text.split(separator: "\n").map(String.init)
        return lines.dropFirst(start > 0 ? 1 : 0).suffix(max(count, 0))
    }

    private func path(of group: String) -> String {
        // No name leads out of the folder.
        let parts = group.split(separator: "/").map { $0.allSatisfy { $0 == "." } ? "_" : String($0) }
        return "\(directory)/\(parts.isEmpty ? "_" : parts.joined(separator: "/")).jsonl"
    }
}
