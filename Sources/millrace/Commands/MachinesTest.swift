import ArgumentParser
import Foundation
import JSON
import StatesLanguage

extension Machines {
    /// The command `millrace machines test`.
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a definition to its end in milliseconds, with mocked tasks and a clock that jumps.",
            discussion: """
                Prints the path taken and each state's input and output. No service need run, nothing is called: a \
                Task answers what the mock file says for its state, and waits and retries take no time. A distributed \
                Map runs its children, as many side by side as may be; what a ResultWriter would write is not written.

                A mock file:
                  { "Train":  [ { "Throw": { "Error": "Busy", "Cause": "try later" } },
                                { "Return": { "Arn": "a" } } ],
                    "Notify": { "Return": {} },
                    "Score":  [ { "When": { "user": 7 }, "Throw": { "Error": "Unknown" } },
                                { "Return": 1 } ],
                    "Users":  { "Items": [ { "user": 6 }, { "user": 7 } ] },
                    "Ask":    { "Silence": true } }
                A list is answered in order, its last entry again and again, whichever child asks; an entry with When \
                answers the tasks whose input has these members. Items are what the ItemReader of a distributed Map \
                reads. Silence leaves the task to its time-out. Mock files of Step Functions Local are read too \
                (--case chooses a test case).

                Ends with 0 when the execution succeeds, with 2 when it does not, with 65 when a file is not valid.
                """
        )

        @Option(help: "How to print: table for people, json for scripts.")
        var output: OutputFormat = .table
        @Option(help: "The input: a file, or JSON text that begins with { or [.")
        var input = "{}"
        @Option(help: "What tasks answer, and what readers read, by state: a file.")
        var mock: String?
        @Option(name: .customLong("case"), help: "The test case of a Step Functions Local mock file.")
        var testCase: String?
        @Option(help: "virtual jumps from timer to timer; real waits.")
        var clock: TestClock = .virtual
        @Option(help: "When the execution starts, as 2026-01-31T12:00:00Z; now unless given.")
        var startTime: String?
        @Option(help: "Where random values come from: the same seed, the same run.")
        var seed: UInt64 = 1
        @Option(help: "How many events the execution and all children may have together before they are given up.")
        var eventLimit = 250_000
        @Argument(help: "The definition: a file.")
        var definition: String

        func run() async throws {
            try await reporting {
                let run = try prepare()
                let report = try await run.finish(clock)
                switch output {
                case .json: Terminal.print(report.json.prettyText)
                case .table: report.print()
                }
                guard report.status == "SUCCEEDED" else { throw MillraceExit.executionFailed }
            }
        }

        private func prepare() throws -> TestRun {
            let text = try InputFile.json(at: definition)
            let machine: Definition
            do {
                machine = try Definition(text)
            } catch {
                let faults = error.diagnostics.map { "  \($0)" }.joined(separator: "\n")
                throw CommandError(message: "\(definition) is not valid:\n\(faults)", exit: MillraceExit.invalidData)
            }
            let start: Date
            if let startTime {
                guard let date = try? Date(startTime, strategy: .iso8601) else {
                    throw CommandError(
                        message: "--start-time \"\(startTime)\" must be as 2026-01-31T12:00:00Z",
                        exit: .validationFailure
                    )
                }
                start = date
            } else {
                start = Date()
            }
            return TestRun(
                definition: machine,
                name: URL(fileURLWithPath: definition).lastPathComponent,
                input: try InputFile.jsonOrText(input),
                mocks: try mock.map { try mocks(InputFile.json(at: $0)) } ?? TaskMocks(),
                start: start,
                seed: seed,
                eventLimit: eventLimit
            )
        }

        private func mocks(_ json: JSON) throws -> TaskMocks {
            do {
                return try TaskMocks(json, testCase: testCase)
            } catch {
                throw CommandError(message: "\(mock ?? ""): \(error)", exit: MillraceExit.invalidData)
            }
        }
    }
}

/// How time passes in a test of a definition.
enum TestClock: String, ExpressibleByArgument, CaseIterable {
    case virtual, real
}

/// A definition that is about to be tested.
struct TestRun {
    let definition: Definition
    let name: String
    let input: JSON
    let mocks: TaskMocks
    let start: Date
    let seed: UInt64
    let eventLimit: Int

    /// Runs to the end.
    func finish(_ clock: TestClock) async throws -> TestReport {
        var answers = mocks
        var rehearsal = Rehearsal(
            definition,
            context: context,
            seed: seed,
            items: { answers.next(for: $0) },
            answer: { answers.next(for: $0) }
        )
        rehearsal.eventLimit = eventLimit
        let began = ContinuousClock.now
        while let pause = rehearsal.step() {
            if clock == .real, pause > 0 { try await Task.sleep(for: .seconds(pause)) }
        }
        if let missing = rehearsal.missingMock {
            throw CommandError(message: "\(missing)", exit: MillraceExit.invalidData)
        }
        return TestReport(rehearsal, start: start, took: ContinuousClock.now - began)
    }

    private var context: ExecutionContext {
        let prefix = "arn:aws:states:us-east-1:000000000000"
        return ExecutionContext(
            execution: .init(
                id: "\(prefix):execution:test:test",
                name: "test",
                roleArn: "arn:aws:iam::000000000000:role/test",
                startTime: start,
                input: Payload(input)
            ),
            stateMachine: .init(id: "\(prefix):stateMachine:test", name: "test")
        )
    }
}

/// What came of a test: the path, and how it ended.
struct TestReport {
    let status: String
    private let result: JSONObject
    private let visits: [StateVisit]
    private let mapRuns: [RehearsedMapRun]
    private let elapsed: Double
    private let took: Duration

    init(_ rehearsal: Rehearsal, start: Date, took: Duration) {
        visits = StateVisits(rehearsal.history.map(\.json)).visits
        mapRuns = rehearsal.mapRuns
        elapsed = rehearsal.now.timeIntervalSince(start)
        self.took = took
        switch rehearsal.outcome {
        case .succeeded(let output): (status, result) = ("SUCCEEDED", ["output": output.value])
        case .failed(let error): (status, result) = ("FAILED", Self.members(error))
        case .timedOut(let error): (status, result) = ("TIMED_OUT", Self.members(error))
        case .aborted(let error, let cause):
            (status, result) = ("ABORTED", ["error": JSON(error), "cause": JSON(cause)])
        case nil:
            let states = rehearsal.currentStateNames.map { "\"\($0)\"" }.joined(separator: ", ")
            let fact =
                rehearsal.hasRunAway
                ? "goes on and on: it was given up after \(rehearsal.eventLimit) events (--event-limit)"
                : "waits for an answer that never comes"
            (status, result) = ("RUNNING", ["cause": .string("the execution \(fact), in \(states)")])
        }
    }

    private static func members(_ error: StatesError) -> JSONObject {
        ["error": .string(error.name), "cause": JSON(error.cause)]
    }

    var json: JSON {
        var object: JSONObject = ["status": .string(status)]
        for (key, value) in result where !value.isNull { object[key] = value }
        object["virtualSeconds"] = .double(elapsed)
        object["path"] = .array(visits.map(\.json))
        if !mapRuns.isEmpty { object["mapRuns"] = .array(mapRuns.map(\.json)) }
        return .object(object)
    }

    func print() {
        let room = max(20, (Terminal.width - 60) / 2)
        var table = Table("#", "State", "Type", "Input", "Output")
        for (index, visit) in visits.enumerated() {
            let attempts = visit.attempts > 1 ? " ×\(visit.attempts)" : ""
            let outcome = visit.output ?? visit.error.map { Style.red($0.truncated(to: room)) } ?? ""
            table.add(
                "\(index + 1)",
                String(repeating: "  ", count: visit.depth) + visit.name + attempts,
                visit.type,
                (visit.input ?? "").truncated(to: room),
                visit.output == nil ? outcome : outcome.truncated(to: room)
            )
        }
        table.print()
        MapRunsReport(runs: mapRuns).print()
        let milliseconds = Int(took / .milliseconds(1))
        Terminal.print(
            "\n\(Style.status(status)) after \(Moment.seconds(elapsed)) on its clock, in \(milliseconds) ms"
        )
        if let output = result["output"] { Terminal.print(output.prettyText) }
        for key in ["error", "cause"] {
            if let text = result[key]?.string { Terminal.print("\(key.capitalized): \(Style.red(text))") }
        }
    }
}
