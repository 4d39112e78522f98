import Foundation

/// What is told of a piece of work.
struct WorkReport: Encodable {
    /// How long one repetition took, in seconds: by the clock, and of all processors.
    struct Run: Encodable {
        let seconds: Double
        let processorSeconds: Double
    }

    var runs: [Run] = []
    /// Other times by name, for example of queries beside the building of an index.
    var queries: [Run]?
    var settings: String?
    /// The recommended items of each test user, or the found rows of each query.
    var lists: [[UInt32]]?
    /// The predicted ratings.
    var predictions: [Double]?
    /// The least error (RMSE) of a grid, with its MAE.
    var rmse: Double?
    var mae: Double?

    /// Prints the report, with the peak of this process's memory.
    func print() throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let line = Line(report: self, peakBytes: try Self.peakBytes())
        Swift.print(String(decoding: try encoder.encode(line), as: UTF8.self))
    }

    private struct Line: Encodable {
        let report: WorkReport
        let peakBytes: Int

        private enum CodingKeys: CodingKey {
            case peakBytes
        }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(peakBytes, forKey: .peakBytes)
        }
    }

    private static func peakBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }
}

/// Does some work as often as asked.
///
/// - Returns: How long each repetition took, and what the last one made.
func measured<T>(_ count: Int, _ work: () throws -> T) throws -> (runs: [WorkReport.Run], result: T) {
    func once() throws -> (WorkReport.Run, T) {
        let (start, busy) = (ContinuousClock.now, clock())
        let result = try work()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        // POSIX has it that a second is a million ticks.
        return (WorkReport.Run(seconds: seconds, processorSeconds: Double(clock() - busy) / 1e6), result)
    }
    let first = try once()
    return try (1..<count).reduce(into: (runs: [first.0], result: first.1)) { all, _ in
        let next = try once()
        all.runs.append(next.0)
        all.result = next.1
    }
}
