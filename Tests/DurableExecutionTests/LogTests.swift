import DurableExecution
import FoundationEssentials
import JSON
import StatesLanguage
import Synchronization
import Testing
import TestSupport

/// What state machines log: `loggingConfiguration`.
@Suite(.timeLimit(.minutes(5))) struct LogTests {
    /// Keeps lines in memory; fails when told to.
    private final class Lines: LogSink {
        private let lines = Mutex<[(group: String, line: JSON)]>([])
        private let isBroken: Bool

        init(isBroken: Bool = false) { self.isBroken = isBroken }

        struct Full: Error {}

        func append(_ new: [String], to group: String) throws {
            guard !isBroken else { throw Full() }
            let parsed = try new.map { (group: group, line: try JSON(parsing: $0)) }
            lines.withLock { $0 += parsed }
        }

        var all: [(group: String, line: JSON)] { lines.withLock(\.self) }
        var types: [String] { all.compactMap { $0.line["type"]?.string } }
    }

    private static let failing = definition(
        ("Pass", ["Type": "Pass", "Next": "Fail"]),
        ("Fail", ["Type": "Fail", "Error": "E", "Cause": "c"])
    )

    private static func options(
        _ level: String,
        data: Bool = true,
        _ arns: [JSON] = ["arn:aws:logs:us-east-1:000000000000:log-group:/states/films:*"]
    ) -> JSON {
        [
            "loggingConfiguration": [
                "level": .string(level), "includeExecutionData": .bool(data),
                "destinations": .array(arns.map { ["cloudWatchLogsLogGroup": ["logGroupArn": $0]] }),
            ]
        ]
    }

    private static func run(_ type: String, _ options: JSON, _ sink: Lines) async throws -> String {
        try await Workbench(logSink: sink).run { engine in
            let request = CreateStateMachineRequest(
                name: "logged",
                definition: failing.text,
                type: type,
                options: options
            )
            let machine = try await engine.createStateMachine(request).arn
            guard type == "STANDARD" else { return try await engine.startSyncExecution(of: machine).arn }
            return try await engine.waitForEnd(of: engine.startExecution(of: machine, input: #"{"a":1}"#).arn).arn
        }
    }

    @Test(arguments: ["STANDARD", "EXPRESS"])
    func `every event is a line, in order`(type: String) async throws {
        let sink = Lines()
        let arn = try await Self.run(type, Self.options("ALL"), sink)
        #expect(
            sink.types == [
                "ExecutionStarted", "PassStateEntered", "PassStateExited", "FailStateEntered", "ExecutionFailed",
            ]
        )
        #expect(Set(sink.all.map(\.group)) == ["/states/films"])
        let line = sink.all[1].line
        #expect(line["id"] == "2")
        #expect(line["previous_event_id"] == "0")
        #expect(line["execution_arn"] == .string(arn))
        #expect(line["redrive_count"] == "0")
        #expect(Int(line["event_timestamp"]?.string ?? "") != nil)
        #expect(line["details"]?["name"] == "Pass")
        #expect(line["details"]?["input"] != nil)
        #expect(sink.all[4].line["details"] == ["error": "E", "cause": "c"])
    }

    @Test(arguments: [
        ("ERROR", ["FailStateEntered", "ExecutionFailed"]), ("FATAL", ["ExecutionFailed"]), ("OFF", []),
    ])
    func `a level leaves out what is below it`(level: String, types: [String]) async throws {
        let sink = Lines()
        _ = try await Self.run("STANDARD", Self.options(level), sink)
        #expect(sink.types == types)
    }

    @Test func `what users have made is left out unless it is wanted`() async throws {
        let sink = Lines()
        _ = try await Self.run("EXPRESS", Self.options("ALL", data: false), sink)
        #expect(sink.all[1].line["details"] == ["name": "Pass"])
        #expect(sink.all[4].line["details"] == [:])
    }

    @Test func `a log that cannot be written holds nobody up`() async throws {
        let sink = Lines(isBroken: true)
        _ = try await Self.run("STANDARD", Self.options("ALL"), sink)
        #expect(sink.all.isEmpty)
    }

    @Test(arguments: [
        ([] as [JSON], "Invalid Logging Configuration: Must specify exactly one Log Destination."),
        (
            [
                "arn:aws:logs:us-east-1:000000000000:log-group:a:*",
                "arn:aws:logs:us-east-1:000000000000:log-group:b:*",
            ], "Invalid Logging Configuration: Must specify exactly one Log Destination."
        ),
        (["arn:aws:logs:us-east-1:000000000000:nothing"], "Invalid Logging Configuration: Log Destination not found."),
    ])
    func `a wrong destination is refused when the machine is made or changed`(
        arns: [JSON],
        message: String
    ) async throws {
        let engine = try Workbench().engine
        var request = CreateStateMachineRequest(name: "logged", definition: Self.failing.text)
        let machine = try await engine.createStateMachine(request).arn
        request.options = Self.options("ALL", arns)
        request.name = "other"
        let created = await #expect(throws: ExecutionError.self) { try await engine.createStateMachine(request) }
        #expect(created == ExecutionError(.invalidLoggingConfiguration, message))
        let updated = await #expect(throws: ExecutionError.self) {
            try await engine.updateStateMachine(machine, options: Self.options("ALL", arns))
        }
        #expect(updated == ExecutionError(.invalidLoggingConfiguration, message))
    }
}
