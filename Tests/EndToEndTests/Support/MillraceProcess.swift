import Foundation
import HTTPAPI
import JSON
import Synchronization
import Testing

/// The real program as a child process, serving one bucket from one home.
final class MillraceProcess: Sendable {
    let client: Client
    let endpoint: String
    private let process: Mutex<Process>
    private let written = LogLines()

    /// What it has written to its log so far, a line an element.
    var log: [String] { written.lines.withLock(\.self) }

    /// The process's id.
    var processID: Int32 { process.withLock(\.processIdentifier) }

    /// The program that was built with these tests.
    static var program: URL {
        // The tests lie in the same directory as the products.
        let arguments = CommandLine.arguments
        let bundle = arguments.first { $0.hasSuffix(".xctest") } ?? arguments[0]
        return URL(filePath: bundle).deletingLastPathComponent().appending(path: "millrace")
    }

    /// Starts the service and waits until it listens.
    init(
        home: String,
        bucket: String,
        arguments: [String] = [],
        environment: [String: String] = [:]
    ) async throws {
        let child = Process()
        child.executableURL = Self.program
        child.arguments = ["serve", "--home", home, "--bucket", "films=\(bucket)", "--port", "0"] + arguments
        child.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        // A child that outlives a crashed test must not hold the pipe whose end the test runner waits for.
        child.standardOutput = FileHandle.nullDevice
        let log = Pipe()
        child.standardError = log
        try child.run()
        let (lines, found) = AsyncStream.makeStream(of: String.self)
        let pending = Mutex("")
        let written = written
        log.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            guard !data.isEmpty else {
                found.finish()
                handle.readabilityHandler = nil
                return
            }
            let complete = pending.withLock { text in
                text += String(decoding: data, as: UTF8.self)
                let parts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                text = parts.last ?? ""
                return parts.dropLast()
            }
            written.lines.withLock { $0 += complete }
            for line in complete { found.yield(line) }
        }
        process = Mutex(child)
        endpoint = try await Self.endpoint(in: lines)
        client = Client(endpoint: try #require(URL(string: endpoint)))
    }

    private static func endpoint(in lines: AsyncStream<String>) async throws -> String {
        var seen: [String] = []
        for await line in lines {
            seen.append(line)
            // `endpoint=http://…` in a log for people, `"endpoint":"http://…"` in one for programs.
            if line.contains("endpoint"), let range = line.range(of: "http://") {
                return String(line[range.lowerBound...].prefix { $0 != " " && $0 != "\"" })
            }
        }
        throw ProgramError(program: "millrace serve", status: -1, complaint: seen.joined(separator: "\n"))
    }

    /// The most memory it has held so far, in bytes.
    var peakMemory: Int {
        get throws {
            let process = process.withLock(\.processIdentifier)
            let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            return try #require(line?.split(separator: " ").compactMap { Int($0) }.first) * 1024
        }
    }

    /// Ends it at once, as a power cut would.
    func kill() {
        process.withLock { child in
            Foundation.kill(child.processIdentifier, SIGKILL)
            child.waitUntilExit()
        }
    }

    /// Asks it to end, and waits.
    @discardableResult
    func terminate() -> Int32 {
        process.withLock { child in
            child.terminate()
            child.waitUntilExit()
            return child.terminationStatus
        }
    }

    deinit {
        process.withLock { child in
            if child.isRunning {
                Foundation.kill(child.processIdentifier, SIGKILL)
                child.waitUntilExit()
            }
        }
    }
}

/// What a process has written so far.
private final class LogLines: Sendable {
    let lines = Mutex<[String]>([])
}
