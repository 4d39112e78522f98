import Foundation
import Kernels
import Recommenders
import Synchronization

/// How time and memory of alternating least squares grow with the data, up to the size of MovieLens 25M.
///
/// Users and items grow with the events, so that all that is done grows alike. The columns lie in files that are mapped,
/// as snapshots do; their pages count as memory too.
struct TrainingSizeBenchmark {
    /// Columns of 1, 5 and 25 million events, or of others.
    var eventCounts = [1_000_000, 5_000_000, 25_000_000]
    let workspace: Workspace

    private static let epochs = 5
    private static let factors = 64
    private static let threads = 2
    /// A user, an item and a time: what an event takes in a snapshot, in bytes.
    private static let eventSize = 16.0

    func measure() throws -> [Measurement] {
        var measurements: [Measurement] = []
        var first: Double?
        for count in eventCounts {
            let run = try run(TrainingSize(eventCount: count))
            let perEvent = run.secondsPerEpoch / Double(count)
            measurements += self.measurements(run, growth: perEvent / (first ?? perEvent))
            first = first ?? perEvent
        }
        return measurements
    }

    private func measurements(_ run: Run, growth: Double) -> [Measurement] {
        let size = run.size
        let megabytes = (Double(size.eventCount) * Self.eventSize / 1e6).rounded()
        let name = "training on \(size.eventCount / 1_000_000) M events"
        return [
            Measurement(
                "\(name), an epoch",
                run.secondsPerEpoch,
                "s",
                method:
                    "AlternatingLeastSquares.fit, \(Self.factors) factors, \(Self.threads) threads: \(size.userCount) "
                    + "users × \(size.itemCount) items; median of \(Self.epochs)"
            ),
            Measurement(
                "\(name), growth",
                growth,
                "×",
                aim: .atMost(1.5),
                method: "time of an epoch an event, over that of the smallest size"
            ),
            Measurement("\(name), gathering", run.gatheringSeconds, "s", method: "Interactions from mapped columns"),
            Measurement(
                "\(name), peak memory",
                run.peak,
                "MB",
                aim: .atMost(1500),
                method: "VmHWM from the mapped columns (\(Int(megabytes)) MB) to the model"
            ),
            Measurement("\(name), memory over data", run.peak / megabytes, "×", method: "peak over the columns"),
        ]
    }

    // MARK: One size

    private struct Run {
        let size: TrainingSize
        let gatheringSeconds: Double
        let secondsPerEpoch: Double
        let peak: Double
    }

    private func run(_ size: TrainingSize) throws -> Run {
        let directory = try workspace.subdirectory("training")
        try size.write(to: directory)
        try ProcessMemory.own.resetPeak()
        let gathering = try timed { try size.interactions(in: directory) }
        let times = Mutex<[ContinuousClock.Instant]>([])
        let context = TrainingContext(
            threads: Self.threads,
            seed: 1,
            // The last report comes after the users have been solved for once more, which is no epoch.
            progress: { report in times.withLock { if report.fraction < 1 { $0.append(.now) } } },
            isCancelled: { Task.isCancelled }
        )
        let configuration = AlternatingLeastSquares.Configuration(factors: Self.factors, epochs: Self.epochs)
        let model = try AlternatingLeastSquares.fit(gathering.result, configuration: configuration, context: context)
        guard model.recommend(Query(user: 0, count: 10)).count == 10 else {
            throw BenchmarkError("the model of \(size.eventCount) events recommends too few items")
        }
        let peak = try ProcessMemory.own.peak()
        let instants = times.withLock { $0 }
        guard instants.count == Self.epochs + 1 else {
            throw BenchmarkError("\(Self.epochs) epochs have made \(instants.count) reports")
        }
        try workspace.remove(directory)
        return Run(
            size: size,
            gatheringSeconds: gathering.seconds,
            secondsPerEpoch: Distribution(zip(instants, instants.dropFirst()).map { $0.duration(to: $1) }).median
                / 1000,
            peak: peak
        )
    }
}

/// Synthetic events, by time: few users and items have many of them, as in MovieLens.
private struct TrainingSize {
    let eventCount: Int
    var userCount: Int { eventCount * 160_000 / 25_000_000 }
    var itemCount: Int { eventCount * 60_000 / 25_000_000 }

    private static let names = ["users", "items", "timestamps"]

    /// Writes a file a column, a part at a time, so that they take no memory.
    func write(to directory: String) throws {
        let random = CounterRandom(seed: 1, stream: 2)
        let files = try Self.names.map { name in
            let path = "\(directory)/\(name)"
            guard FileManager.default.createFile(atPath: path, contents: nil),
                let file = FileHandle(forWritingAtPath: path)
            else { throw BenchmarkError("cannot write \"\(path)\"; choose another place with --directory") }
            return file
        }
        for start in stride(from: 0, to: eventCount, by: 1 << 18) {
            try Task.checkCancellation()
            let block = UInt64(start)..<UInt64(min(start + 1 << 18, eventCount))
            let users = block.map { UInt32(pow(random.uniform(at: 2 * $0), 1.5) * Double(userCount)) }
            let items = block.map { UInt32(pow(random.uniform(at: 2 * $0 + 1), 2) * Double(itemCount)) }
            let times = block.map { 1_000_000_000 + Int64($0) }
            let parts = [MappedArray(users).bytes, MappedArray(items).bytes, MappedArray(times).bytes]
            for (file, part) in zip(files, parts) { try file.write(contentsOf: part) }
        }
        for file in files { try file.close() }
    }

    /// Gathers the columns, which are mapped no longer then.
    func interactions(in directory: String) throws -> Interactions {
        let files = try Self.names.map { try MappedFile(path: "\(directory)/\($0)") }
        let columns = EventColumns(
            users: try MappedArray(files[0], offset: 0, count: eventCount),
            items: try MappedArray(files[1], offset: 0, count: eventCount),
            timestamps: try MappedArray(files[2], offset: 0, count: eventCount)
        )
        return try Interactions(columns, userCount: userCount, itemCount: itemCount)
    }
}
