import Foundation
import HTTPAPI
import JSON

/// A real `millrace serve`, in a process of its own.
struct ServiceProcess {
    let port: Int
    let client: Client
    let memory: ProcessMemory
    /// From the start of the process to the first answer.
    let secondsToFirstAnswer: Double

    /// Runs a service while the body works, and ends it whatever comes of that.
    ///
    /// Its settings are the defaults: nothing of this process's environment that begins with `MILLRACE_` reaches it.
    static func with<T>(
        _ workspace: Workspace,
        home: String,
        buckets: [String] = [],
        _ body: (ServiceProcess) async throws -> T
    ) async throws -> T {
        let log = "\(home).log"
        let child = try ChildProcess(
            workspace.program,
            ["serve", "--home", home, "--port", "0"] + buckets.flatMap { ["--bucket", $0] },
            log: log
        )
        do {
            let service = try await ServiceProcess(child, log: log)
            let result = try await body(service)
            await child.end()
            return result
        } catch {
            await child.end()
            throw error
        }
    }

    private init(_ child: ChildProcess, log: String) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        port = try await Self.port(of: child, log: log)
        guard let endpoint = URL(string: "http://127.0.0.1:\(port)") else {
            throw BenchmarkError("port \(port) makes no URL")
        }
        client = Client(endpoint: endpoint, timeout: .seconds(120))
        _ = try await client.call("AWSStepFunctions", "ListStateMachines")
        secondsToFirstAnswer = start.duration(to: clock.now) / .seconds(1)
        memory = ProcessMemory(process: "\(child.identifier)")
    }

    /// Waits for the line that tells the port.
    private static func port(of child: ChildProcess, log: String) async throws -> Int {
        for _ in 0..<6000 {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            if let place = text.range(of: "endpoint=http://127.0.0.1:"),
                let port = Int(text[place.upperBound...].prefix(while: \.isNumber))
            {
                return port
            }
            guard child.isRunning else { throw BenchmarkError("`millrace serve` has ended: \(text)") }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw BenchmarkError("`millrace serve` did not tell its port within a minute; it wrote to \"\(log)\"")
    }
}

/// A process that was started here and is ended here.
final class ChildProcess {
    private let process = Process()
    private let ended: AsyncStream<Int32>

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Starts a program; what it writes goes into a file.
    init(_ program: String, _ arguments: [String], log: String) throws {
        guard FileManager.default.createFile(atPath: log, contents: nil),
            let output = FileHandle(forWritingAtPath: log)
        else { throw BenchmarkError("cannot write \"\(log)\"; choose another place with --directory") }
        let (ended, end) = AsyncStream.makeStream(of: Int32.self)
        self.ended = ended
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MILLRACE_") }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        process.terminationHandler = { process in
            end.yield(process.terminationStatus)
            end.finish()
        }
        do {
            try process.run()
        } catch {
            throw BenchmarkError("cannot run \"\(program)\": \(error.localizedDescription); choose one with --program")
        }
    }

    /// Waits for its end by itself.
    ///
    /// A wait that is cancelled ends the process.
    func exitStatus() async throws -> Int32 {
        for await status in ended { return status }
        await end()
        throw CancellationError()
    }

    /// Asks the process to end and waits until it has.
    func end() async {
        guard process.isRunning else { return }
        process.terminate()
        // Not by the stream, which is deaf after a cancellation.
        while process.isRunning { await Self.pause() }
    }

    /// Sleeps for a moment, also in a task that is cancelled.
    private static func pause() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(5)) { continuation.resume() }
        }
    }
}
