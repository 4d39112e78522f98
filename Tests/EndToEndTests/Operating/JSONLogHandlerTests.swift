import Foundation
import JSON
import Logging
import Synchronization
import TestSupport
import Testing

@testable import millrace

/// The log for programs.
@Suite struct JSONLogHandlerTests {
    @Test func `an event is one object a line, with all that is known of it`() throws {
        let lines = Mutex<[String]>([])
        var handler = JSONLogHandler(label: "millrace", now: { Date(timeIntervalSince1970: 1_800_000_000.125) }) {
            line in
            lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        handler.metadata = ["host": "a", "kept": "yes"]
        var logger = Logger(label: "millrace") { _ in handler }
        logger.logLevel = .info
        logger.info(
            "two\nlines \"quoted\"",
            metadata: ["host": "b", "list": ["x", "y"], "deep": ["n": .stringConvertible(3)]]
        )
        logger.debug("not told")
        logger.error("bare")
        let written = lines.withLock(\.self)
        #expect(written.count == 2)
        #expect(written.allSatisfy { $0.hasSuffix("\n") && $0.dropLast().allSatisfy { $0 != "\n" } })
        let first = try JSON(parsing: written[0])
        #expect(first["time"] == "2027-01-15T08:00:00.125Z")
        #expect(first["level"] == "info")
        #expect(first["message"] == "two\nlines \"quoted\"")
        #expect(first["logger"] == "millrace")
        #expect(first["metadata"] == ["deep": ["n": "3"], "host": "b", "kept": "yes", "list": ["x", "y"]])
        #expect(try JSON(parsing: written[1])["level"] == "error")
    }

    @Test func `the program writes nothing but JSON when it is asked to`() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(Example.interactions(), to: "films/Interactions/interactions.csv")
        let service = try await MillraceProcess(
            home: directory.file("home"),
            bucket: directory.file("films"),
            arguments: ["--log-format", "json"]
        )
        try directory.write(Example.oneSolution(), to: "films/params.json")
        _ = try await service.client.ended(1)
        service.terminate()
        let lines = service.log
        let events = try lines.map { try JSON(parsing: $0) }
        #expect(events.contains { $0["message"] == "millrace is running" && $0["metadata"]?["endpoint"] != nil })
        #expect(events.contains { $0["metadata"]?["execution.status"] == "SUCCEEDED" })
        let error = #expect(throws: ProgramError.self) {
            try run(MillraceProcess.program.path, "serve", "--log-format", "xml")
        }
        #expect(error?.status == 64)
    }
}
