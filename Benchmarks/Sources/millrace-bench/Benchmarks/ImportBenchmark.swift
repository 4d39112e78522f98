import Foundation
import JSON
import Kernels
import Personalize

/// How fast CSV files become a snapshot, and how much memory that takes.
struct ImportBenchmark {
    private static let rowCount = 10_000_000
    private static let userCount = 70_000
    private static let itemCount = 10_000

    let workspace: Workspace

    func measure() throws -> [Measurement] {
        let folder = try workspace.subdirectory("import")
        defer { try? workspace.remove(folder) }
        let path = "\(folder)/interactions.csv"
        let byteCount = try generate(path)
        let memory = ProcessMemory.own
        try memory.resetPeak()
        let two = try Distribution((0..<3).map { _ in try seconds(path, folder: folder, threads: 2) })
        let peak = try memory.peak()
        let one = try seconds(path, folder: folder, threads: 1)
        let rows = Double(Self.rowCount)
        let data =
            "10 M rows (\((Double(byteCount) / 1e6).rounded3) MB; 70,000 users, 10,000 items) from the page cache"
        return [
            Measurement(
                "import, 2 threads",
                rows / two.median,
                "rows/s",
                aim: .atLeast(3_000_000),
                method: "DatasetImport.run: \(data) to a synced snapshot; median of 3"
            ),
            Measurement("import, 1 thread", rows / one, "rows/s", method: "the same, once"),
            Measurement(
                "import, peak memory",
                peak,
                "MB",
                method: "VmHWM of this process over the runs with 2 threads"
            ),
        ]
    }

    private func seconds(_ path: String, folder: String, threads: Int) throws -> Double {
        var limits = DatasetImport.Limits()
        limits.threads = threads
        let reading = DatasetImport(schema: try Schema(Self.schema), files: [CSVFile(path: path)], limits: limits)
        let target = "\(folder)/snapshot"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        defer { try? workspace.remove(target) }
        let (seconds, outcome) = try timed { try reading.run(into: target, isCancelled: { Task.isCancelled }) }
        guard outcome.rowCount == Self.rowCount else {
            throw BenchmarkError("\(Self.rowCount) rows were written and \(outcome.rowCount) read")
        }
        return seconds
    }

    private static let schema: JSON = [
        "type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
        "fields": [
            ["name": "USER_ID", "type": "string"], ["name": "ITEM_ID", "type": "string"],
            ["name": "TIMESTAMP", "type": "long"],
        ],
    ]

    /// Writes the rows; a few users and items have most of them, as in life.
    ///
    /// - Returns: The file's length.
    private func generate(_ path: String) throws -> Int {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw BenchmarkError("cannot write \"\(path)\"; choose another place with --directory") }
        let random = CounterRandom(seed: 1, stream: 1)
        var text = Array("USER_ID,ITEM_ID,TIMESTAMP\n".utf8)
        var byteCount = 0
        for row in 0..<Self.rowCount {
            let draws = (0..<3).map { random.uniform(at: UInt64(row * 3 + $0)) }
            text.append(number: Int(draws[0] * draws[0] * Double(Self.userCount)))
            text.append(UInt8(ascii: ","))
            text.append(number: Int(draws[1] * draws[1] * Double(Self.itemCount)))
            text.append(UInt8(ascii: ","))
            text.append(number: 1_000_000_000 + Int(draws[2] * 500_000_000))
            text.append(UInt8(ascii: "\n"))
            guard text.count >= 1 << 20 || row == Self.rowCount - 1 else { continue }
            try Task.checkCancellation()
            try file.write(contentsOf: text)
            byteCount += text.count
            text.removeAll(keepingCapacity: true)
        }
        try file.synchronize()
        try file.close()
        return byteCount
    }
}

extension [UInt8] {
    /// Appends the decimal digits of a number that is not negative.
    fileprivate mutating func append(number: Int) {
        let start = count
        var rest = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }
}
