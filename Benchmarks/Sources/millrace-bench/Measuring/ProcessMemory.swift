import Foundation

/// The resident memory of a process, from `/proc`.
struct ProcessMemory: Sendable {
    /// `self`, or a process's number.
    let process: String

    static let own = ProcessMemory(process: "self")

    /// What is resident now, in MB (10⁶ bytes).
    func resident() throws -> Double { try field("VmRSS") }

    /// The most that was resident since the start, or since `resetPeak`, in MB.
    func peak() throws -> Double { try field("VmHWM") }

    /// Forgets the peak of before.
    func resetPeak() throws {
        let path = "/proc/\(process)/clear_refs"
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw BenchmarkError("cannot write \"\(path)\"; run as the user who owns the process")
        }
        try file.write(contentsOf: Data("5".utf8))
        try file.close()
    }

    /// Waits until resident memory has stayed the same, to a hundredth, for three seconds; half a minute at most.
    func settled() async throws -> Double {
        var last = try resident()
        var calm = 0
        for _ in 0..<30 where calm < 3 {
            try await Task.sleep(for: .seconds(1))
            let now = try resident()
            calm = abs(now - last) <= last / 100 ? calm + 1 : 0
            last = now
        }
        return last
    }

    private func field(_ name: String) throws -> Double {
        let path = "/proc/\(process)/status"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("\(name):") }),
            let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
        else { throw BenchmarkError("\"\(path)\" has no \(name); is this Linux?") }
        return kibibytes * 1024 / 1e6
    }
}
