import Foundation
import Functions
import HTTPAPI
import JSON
import Logging
import SQLiteStore

/// How many invocations of a trivial Python handler there are a second, and what a cold start costs beyond Python's own.
struct FunctionsBenchmark {
    private static let coldStarts = 20
    private static let (warmUp, invocations, callers) = (2_000, 20_000, 16)
    private static let handler = "def handler(event, context):\n    return {\"n\": event[\"n\"] + 1}\n"

    let workspace: Workspace

    func measure() async throws -> [Measurement] {
        let folder = try workspace.subdirectory("functions")
        defer { try? workspace.remove(folder) }
        for index in 0...Self.coldStarts { try write("f\(index)", in: folder) }
        let store = try SQLiteStore(path: "\(folder)/store.sqlite")
        defer { try? store.close() }
        let service = try await service(on: store, in: folder)
        let cold = try await coldStarts(service)
        let rate = try await warmRate(service)
        return [
            Measurement(
                "warm invocations",
                rate,
                "/s",
                aim: .atLeast(2_000),
                method:
                    "a Python handler that adds 1, two workers, \(Self.callers) callers, \(Self.invocations) invocations "
                    + "through the Lambda Runtime API, in this process"
            ),
            cold,
        ]
    }

    private func write(_ name: String, in folder: String) throws {
        let path = "\(folder)/functions/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(Self.handler.utf8).write(to: URL(filePath: "\(path)/main.py"))
        let settings = #"{"handler": "main.handler", "concurrency": 2, "timeout": 60}"#
        try Data(settings.utf8).write(to: URL(filePath: "\(path)/function.json"))
    }

    private func service(on store: SQLiteStore, in folder: String) async throws -> FunctionService {
        var configuration = FunctionService.Configuration(folders: "\(folder)/functions", code: "\(folder)/code")
        let python = try Self.interpreter()
        configuration.python = python
        configuration.environment = { ["PATH": "/usr/local/bin:/usr/bin:/bin"] }
        let service = FunctionService(
            configuration: configuration,
            store: store,
            listen: RuntimeAPI.listen,
            writeLog: { _, _ in },
            now: { Date() },
            makeID: { UUID().uuidString.lowercased() },
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        )
        try await service.prepare()
        return service
    }

    private func coldStarts(_ service: FunctionService) async throws -> Measurement {
        let python = try Self.interpreter()
        // The first of each finds what the others have in the page cache.
        _ = try await invoke(service, "f0", 0)
        try Self.run(python, ["-c", "pass"])
        var (own, all): ([Double], [Double]) = ([], [])
        for index in 1...Self.coldStarts {
            own.append(try Self.milliseconds { try Self.run(python, ["-c", "pass"]) })
            let start = ContinuousClock.now
            _ = try await invoke(service, "f\(index)", index)
            all.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        let (interpreter, whole) = (Distribution(own).median, Distribution(all).median)
        return Measurement(
            "cold start beyond Python's own",
            whole - interpreter,
            "ms",
            aim: .atMost(20),
            method: "first invocation of a function, median of \(Self.coldStarts) (\(whole.rounded3) ms), less "
                + "python3 -c pass (\(interpreter.rounded3) ms)"
        )
    }

    private func warmRate(_ service: FunctionService) async throws -> Double {
        try await invokeAll(service, Self.warmUp)
        let start = ContinuousClock.now
        try await invokeAll(service, Self.invocations)
        return Double(Self.invocations) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private func invokeAll(_ service: FunctionService, _ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<Self.callers {
                group.addTask {
                    for n in stride(from: caller, to: count, by: Self.callers) { try await invoke(service, "f0", n) }
                }
            }
            try await group.waitForAll()
        }
    }

    private func invoke(_ service: FunctionService, _ name: String, _ n: Int) async throws {
        let result = try await service.invoke(FunctionName(name), payload: Array("{\"n\": \(n)}".utf8))
        guard !result.isError, try JSON(parsing: result.payload)["n"]?.int == n + 1 else {
            throw BenchmarkError("\(name) answered \(String(decoding: result.payload, as: UTF8.self))")
        }
    }

    /// The file behind the name, which may be a script that looks for it.
    private static func interpreter() throws -> String {
        try run("/usr/bin/env", ["python3", "-c", "import sys; print(sys.executable, end='')"])
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchmarkError("\(program) failed") }
        return text
    }

    private static func milliseconds(_ work: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try work()
        return (ContinuousClock.now - start) / .milliseconds(1)
    }
}
