import Bucket
import DurableExecution
import Foundation
import JSON
import StatesLanguage
import Synchronization
import Testing
import TestSupport

/// Runs over many rows of which one in a thousand fails.
///
/// `MILLRACE_MAP_ROWS=1000000 swift test -c release --filter MapRunScaleTests` runs the acceptance case and prints what
/// it took; without the variable it is 10,000 rows. `MILLRACE_MAP_TYPE` and `MILLRACE_MAP_STATE` choose what the
/// children are: `STANDARD` or `EXPRESS`, `Task` or `Pass`.
@Suite(.serialized) struct MapRunScaleTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let rows = environment["MILLRACE_MAP_ROWS"].flatMap(Int.init) ?? 10_000
    private static let type = environment["MILLRACE_MAP_TYPE"] ?? "STANDARD"
    private static let hasTask = environment["MILLRACE_MAP_STATE"] != "Pass"

    private static func writeRows(_ directory: TemporaryDirectory) throws {
        try directory.write("user,item,rating,time\n", to: "data/rows.csv")
        let file = try FileHandle(forWritingTo: URL(filePath: directory.file("data/rows.csv")))
        try file.seekToEnd()
        for start in stride(from: 0, to: rows, by: 10_000) {
            let lines = (start..<min(start + 10_000, rows)).map {
                "\($0),\($0 * 7 % 9973),\($0 % 5).5,\(1_700_000_000 + $0)\n"
            }
            try file.write(contentsOf: Data(lines.joined().utf8))
        }
        try file.close()
    }

    /// The memory of this process that is in use, in MiB: now, and at most so far.
    private static func residentMemory() -> (now: Int, peak: Int) {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func value(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
            return (line?.split(whereSeparator: { !$0.isNumber }).first).flatMap { Int($0) }.map { $0 / 1024 } ?? 0
        }
        return (value("VmRSS:"), value("VmHWM:"))
    }

    @Test(.timeLimit(.minutes(60)))
    func `a Map over many rows completes in bounded memory, writes its manifest and is redriven`() async throws {
        let directory = try TemporaryDirectory()
        try Self.writeRows(directory)
        let isMended = Mutex(false)
        let stage = try MapRunStage(directory) { task in
            let user = task.parameters["user"]?.string.flatMap { Int($0) } ?? 0
            if user % 1000 == 999, !isMended.withLock(\.self) { throw StatesError(name: "Bad", cause: "row \(user)") }
            return task.parameters
        }
        let before = Self.residentMemory()
        // The last failure is one too many, so that the run may be redriven.
        let failures = Self.hasTask ? Self.rows / 1000 : 0
        let map = distributedMap(
            [
                "ItemReader": reader("rows.csv", "CSV", ["CSVHeaderLocation": "FIRST_ROW"]),
                "ResultWriter": writer(), "ToleratedFailureCount": JSON(max(failures - 1, 0)),
            ],
            type: Self.type,
            hasTask: Self.hasTask
        )
        try await stage.run { engine in
            let start = ContinuousClock.now
            let execution = try await engine.startMap(map)
            let first = try await engine.waitForEnd(of: execution.arn)
            let firstTime = ContinuousClock.now - start
            let run = try await engine.onlyMapRun(of: execution)
            #expect(first.status == (failures == 0 ? .succeeded : .failed))
            #expect(run.executionCounts.failed == failures)
            #expect(run.executionCounts.total > Self.rows - 2000)
            isMended.withLock { $0 = true }
            if failures > 0 { _ = try await engine.redriveExecution(execution.arn) }
            let ended = try await engine.waitForEnd(of: execution.arn)
            let time = ContinuousClock.now - start
            #expect(ended.status == .succeeded)
            let done = try await engine.onlyMapRun(of: execution)
            #expect(done.executionCounts.succeeded == Self.rows)
            #expect(done.executionCounts.resultsWritten == Self.rows)
            let key = try JSON(parsing: ended.output ?? "")["ResultWriterDetails"]?["Key"]?.string ?? ""
            let manifest = try JSON(parsing: stage.bucket.read(key))
            #expect(manifest["ResultFiles"]?["FAILED"] == [])
            #expect(manifest["ResultFiles"]?["SUCCEEDED"]?.array?.isEmpty == false)
            let memory = Self.residentMemory()
            // Beside other tests the memory is theirs too: it is judged where this one runs alone.
            guard Self.environment["MILLRACE_MAP_ROWS"] != nil else { return }
            #expect(memory.peak - before.now < 256)
            let size =
                (try? FileManager.default.attributesOfItem(atPath: directory.file("store.sqlite"))[.size]) as? Int
            let rate = Double(Self.rows) / (firstTime / .seconds(1))
            print(
                "\(Self.rows) rows, \(Self.type) \(Self.hasTask ? "Task" : "Pass"): first run \(firstTime) "
                    + "(\(Int(rate)) children a second, results and all), with redrive \(time); resident \(before.now) "
                    + "MiB before, \(memory.now) after, \(memory.peak) at most; database \((size ?? 0) >> 20) MiB"
            )
        }
    }
}
