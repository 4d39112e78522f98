import ArgumentParser
import Foundation
import JSON
import UnixSignals

/// Measures what is named, or everything.
@main
struct MillraceBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millrace-bench",
        abstract: "Measure millrace on this machine and print a table with values, aims and methods.",
        discussion: """
            Without names, everything is measured, which takes some minutes; nothing else should keep the machine busy. \
            A figure that misses its aim is told, and is no error.
            """
    )

    @Argument(help: "What to measure: \(BenchmarkName.allCases.map(\.rawValue).joined(separator: ", ")).")
    var names: [BenchmarkName] = []

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("Where temporary files go; a disk, not memory.", valueName: "directory"))
    var directory = FileManager.default.temporaryDirectory.path

    @Option(help: ArgumentHelp("The program to measure (default: the one beside this).", valueName: "file"))
    var program: String?

    /// Measures; a signal ends it early, and with it the processes and files it has made.
    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let hasFailed = try await withThrowingTaskGroup(of: Bool?.self) { tasks in
            tasks.addTask { try await measure() }
            tasks.addTask {
                for await _ in signals { return nil }
                return nil
            }
            defer { tasks.cancelAll() }
            guard let first = try await tasks.next(), let hasFailed = first else { return true }
            return hasFailed
        }
        if hasFailed { throw ExitCode.failure }
    }

    private func measure() async throws -> Bool {
        let program = program ?? Self.siblingProgram
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw ValidationError("\"\(program)\" is no program; choose the millrace to measure with --program")
        }
        return try await Workspace.with(program: program, example: Self.example, in: directory) { workspace in
            let machine = try Machine(directory: workspace.directory)
            var measurements: [Measurement] = []
            var hasFailed = false
            for name in BenchmarkName.allCases where names.isEmpty || names.contains(name) {
                Self.note("measuring \(name.rawValue): \(name.subject)")
                do {
                    measurements += try await name.measure(in: workspace)
                } catch {
                    try Task.checkCancellation()
                    hasFailed = true
                    Self.note("\(name.rawValue) could not be measured: \(error)")
                }
            }
            print(machine, measurements)
            return hasFailed
        }
    }

    private func print(_ machine: Machine, _ measurements: [Measurement]) {
        if json {
            let report: JSON = ["machine": machine.json, "measurements": .array(measurements.map(\.json))]
            Swift.print(report.prettyText)
        } else {
            Swift.print(machine.text)
            for line in MeasurementTable(measurements: measurements).lines { Swift.print(line) }
        }
    }

    private static func note(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }

    /// `millrace` in the directory of this program, where the package's build puts both.
    private static var siblingProgram: String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(
            path: "millrace"
        )
        .path
    }

    /// The folder `example` of the checkout this was built in.
    private static var example: String {
        let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        return root.appending(path: "example").path
    }
}

/// What can be measured, in the order in which it is.
enum BenchmarkName: String, CaseIterable, ExpressibleByArgument, Sendable {
    // First, since its peak of memory is that of this process.
    case `import`
    case latency
    case transitions
    case executions
    case jsonata
    case maprun
    case als
    case trainingSize = "training-size"
    case answers
    case http
    case events
    case batch
    case functions
    case memory

    var subject: String {
        switch self {
        case .import: "rows of CSV into a snapshot"
        case .latency: "from the rename of params.json to the first state"
        case .transitions: "durable state transitions"
        case .executions: "executions started and ended over HTTP, and pages of long histories"
        case .jsonata: "JSONata expressions, beside the reference in V8"
        case .maprun: "children of a distributed Map"
        case .als: "training by alternating least squares"
        case .trainingSize: "time and memory of training, up to 25 million events"
        case .answers: "processor time of an answer"
        case .http: "recommendations over HTTP"
        case .events: "durable events"
        case .batch: "batch inference for all users"
        case .functions: "invocations of functions"
        case .memory: "the service's memory, idle and with executions waiting"
        }
    }

    func measure(in workspace: Workspace) async throws -> [Measurement] {
        switch self {
        case .import: try ImportBenchmark(workspace: workspace).measure()
        case .latency: try await LatencyBenchmark(workspace: workspace).measure()
        case .transitions: try await TransitionsBenchmark(workspace: workspace).measure()
        case .executions: try await ExecutionsBenchmark(workspace: workspace).measure()
        case .jsonata: try JSONataBenchmark(workspace: workspace).measure()
        case .maprun: try await MapRunBenchmark(workspace: workspace).measure()
        case .als: try TrainingBenchmark().measure()
        case .trainingSize: try TrainingSizeBenchmark(workspace: workspace).measure()
        case .answers: try await AnswersBenchmark(workspace: workspace).measure()
        case .http: try await RecommendationsBenchmark(workspace: workspace).measure()
        case .events: try await EventsBenchmark(workspace: workspace).measure()
        case .batch: try await BatchBenchmark(workspace: workspace).measure()
        case .functions: try await FunctionsBenchmark(workspace: workspace).measure()
        case .memory: try await MemoryBenchmark(workspace: workspace).measure()
        }
    }
}
