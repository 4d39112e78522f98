import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

@testable import millrace

/// What the operator sees of the real program.
@Suite struct OperatingTests {
    /// The text at a path, with its status.
    private func get(_ stage: Stage, _ path: String) throws -> (status: Int, text: String) {
        let output = try run("/usr/bin/env", "curl", "-s", "-w", "\n%{http_code}", stage.service.endpoint + path)
        let end = try #require(output.lastIndex(of: "\n"))
        return (Int(output[output.index(after: end)...]) ?? 0, String(output[..<end]))
    }

    private func millrace(_ stage: Stage, _ arguments: String...) throws -> String {
        try run(
            MillraceProcess.program.path,
            arguments,
            environment: ["MILLRACE_ENDPOINT": stage.service.endpoint, "NO_COLOR": "1"]
        )
    }

    @Test func `Prometheus's own parser reads the metrics of a run`() async throws {
        let stage = try await Stage()
        try stage.directory.write(Example.oneSolution(), to: "films/params.json")
        _ = try await stage.service.client.ended(1)
        _ = try await stage.service.client.recommend("small-campaign", user: "1")
        let page = try get(stage, "/metrics")
        #expect(page.status == 200)
        let python = try AWSClientTests.environment.get()
        let file = try stage.directory.write(page.text, to: "metrics.txt")
        let program = """
            import sys, json
            from prometheus_client.parser import text_string_to_metric_families
            families = list(text_string_to_metric_families(open(sys.argv[1]).read()))
            assert len({f.name for f in families}) == len(families)
            assert all(f.documentation and f.type != "unknown" for f in families)
            print(json.dumps({s.name + json.dumps(s.labels, sort_keys=True): s.value for f in families for s in f.samples}))
            """
        let values = try JSON(parsing: run("\(python)/bin/python", "-c", program, file))
        func value(_ name: String, _ labels: String = "{}") -> Double { values["\(name)\(labels)"]?.double ?? -1 }
        #expect(value("millrace_executions_started_total") == 1)
        #expect(value("millrace_executions_finished_total", #"{"status": "SUCCEEDED"}"#) == 1)
        #expect(value("millrace_executions", #"{"status": "SUCCEEDED"}"#) == 1)
        #expect(value("millrace_states_entered_total") > 5)
        #expect(value("millrace_tasks_performed_total") > 5)
        #expect(value("millrace_trainings_total", #"{"outcome": "succeeded"}"#) == 1)
        #expect(value("millrace_training_seconds_total") > 0)
        #expect(value("millrace_bucket_drops_total") == 1)
        #expect(value("millrace_schedules_late") == 0)
        #expect(value("millrace_resources", #"{"kind": "campaign", "status": "ACTIVE"}"#) == 1)
        let latency = "millrace_http_request_duration_seconds"
        #expect(value("\(latency)_count", #"{"operation": "/recommendations"}"#) == 1)
        #expect(value("\(latency)_bucket", #"{"le": "+Inf", "operation": "/recommendations"}"#) == 1)
        #expect(value("process_resident_memory_bytes") > 1e6)
        let now = Date().timeIntervalSince1970
        #expect((now - 600...now + 1).contains(value("process_start_time_seconds")))
        #expect(value("millrace_disk_bytes", #"{"kind": "models"}"#) > 0)
    }

    @Test func `the service is ready while its bucket is there, and alive without it`() async throws {
        let stage = try await Stage()
        let client = stage.service.client
        _ = try await client.until("the service to be ready") {
            try get(stage, "/health/ready").status == 200 ? true : nil
        }
        try FileManager.default.moveItem(atPath: stage.bucket, toPath: stage.directory.file("away"))
        let away = try get(stage, "/health/ready")
        #expect(away.status == 503)
        let checks = try JSON(parsing: away.text)["checks"]?.array ?? []
        #expect(checks.filter { $0["status"] == "failed" }.map { $0["name"]?.string } == ["bucket films"])
        #expect(try get(stage, "/health/live").status == 200)
        try FileManager.default.moveItem(atPath: stage.directory.file("away"), toPath: stage.bucket)
        #expect(try get(stage, "/health/ready").status == 200)
    }

    @Test func `gc shows what would go and why, removes just that, and disk shows what is left`() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(Example.interactions(), to: "films/Interactions/interactions.csv")
        try directory.write("old\n", to: "home/logs/states/m.jsonl.20200101T000000Z")
        let old: [FileAttributeKey: Any] = [.modificationDate: Date(timeIntervalSince1970: 1_577_836_800)]
        try FileManager.default.setAttributes(
            old,
            ofItemAtPath: directory.file("home/logs/states/m.jsonl.20200101T000000Z")
        )
        let service = try await MillraceProcess(
            home: directory.file("home"),
            bucket: directory.file("films"),
            environment: ["MILLRACE_RETENTION_EXECUTIONS": "0 seconds", "MILLRACE_RETENTION_INTERVAL": "forever"]
        )
        func millrace(_ arguments: String...) throws -> String {
            try run(
                MillraceProcess.program.path,
                arguments,
                environment: ["MILLRACE_ENDPOINT": service.endpoint, "NO_COLOR": "1"]
            )
        }
        try directory.write(Example.oneSolution(), to: "films/params.json")
        _ = try await service.client.ended(1)
        let seen = try await service.client.until("the end to be told") { () -> JSON? in
            let seen = try JSON(parsing: millrace("gc", "--dry-run", "--output", "json"))
            return seen["count"] == 2 ? seen : nil
        }
        #expect(seen["items"]?.array?.map { $0["kind"]?.string } == ["executions", "log"])
        #expect(seen["bytes"]?.int ?? 0 > 4)
        #expect(try millrace("gc", "--dry-run").contains("2 would go"))
        #expect(try await service.client.executions().count == 1)
        #expect(try millrace("gc").contains("2 are gone"))
        #expect(try await service.client.executions().isEmpty)
        #expect(try millrace("gc").contains("0 are gone"))
        #expect(!FileManager.default.fileExists(atPath: directory.file("home/logs/states/m.jsonl.20200101T000000Z")))
        #expect(try await service.client.recommend("small-campaign", user: "1").isEmpty == false)
        let usage = try JSON(parsing: millrace("disk", "--output", "json"))
        let models = usage["usage"]?.array?.first { $0["kind"] == "models" }
        #expect(models?["files"]?.int ?? 0 > 0)
        #expect(usage["total"]?["bytes"]?.int ?? 0 > models?["bytes"]?.int ?? .max)
        #expect(try millrace("disk").contains("snapshots"))
    }

    @Test(arguments: [
        ("MILLRACE_RETENTION_EXECUTIONS", "soon", #"setting retention.executions "soon" must be a length of time"#),
        ("MILLRACE_RETENTION_VERSIONS", "1", #"setting retention.versions "1" must be a whole number from 2"#),
        ("MILLRACE_LOG_FORMAT", "xml", #"setting log.format "xml" must be text or json"#),
    ])
    func `a setting that makes no sense is refused`(name: String, value: String, complaint: String) throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: ProgramError.self) {
            try run(
                MillraceProcess.program.path,
                ["serve", "--home", directory.file("home"), "--port", "0"],
                environment: [name: value]
            )
        }
        #expect(error?.complaint.contains(complaint) == true)
    }

    @Test func `the doctor finds what is wrong, says what to do and ends with 1`() async throws {
        let stage = try await Stage()
        try stage.directory.write(Example.oneSolution(), to: "films/params.json")
        _ = try await stage.service.client.ended(1)
        func examine(_ more: String...) throws -> [String: JSON] {
            let arguments = ["doctor", "--home", stage.home, "--json"] + more
            let process = Process()
            let output = Pipe()
            process.executableURL = MillraceProcess.program
            process.arguments = arguments
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            let json = try JSON(parsing: text)
            #expect((json["isWell"] == true) == (process.terminationStatus == 0))
            let findings = json["findings"]?.array ?? []
            return Dictionary(uniqueKeysWithValues: findings.map { ($0["check"]?.string ?? "", $0) })
        }
        // Beside the running service, which is not disturbed.
        let well = try examine("--bucket", "films=\(stage.bucket)", "--thorough")
        for check in ["home", "database", "snapshots", "models", "bucket films"] {
            #expect(well[check]?["status"] == "ok", "\(String(describing: well[check]))")
        }
        #expect(
            Set(["disk space", "inotify watches", "inotify instances", "open files", "clock"]).isSubset(of: well.keys)
        )
        stage.service.terminate()

        let models = try FileManager.default.contentsOfDirectory(atPath: "\(stage.home)/models")
        let model = try #require(models.first { $0.hasSuffix(".model") })
        var bytes = try Data(contentsOf: URL(filePath: "\(stage.home)/models/\(model)"))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: "\(stage.home)/models/\(model)"))
        let data = try FileManager.default.contentsOfDirectory(atPath: "\(stage.home)/data")
        try FileManager.default.removeItem(atPath: "\(stage.home)/data/\(data[0])")
        let ill = try examine("--bucket", "films=\(stage.directory.file("nowhere"))")
        #expect(ill["models"]?["fact"]?.string?.contains("has other bytes than were trained") == true)
        #expect(ill["snapshots"]?["fact"]?.string?.contains("is missing") == true)
        #expect(ill["bucket films"]?["status"] == "failed")
        #expect(ill.values.filter { $0["status"] != "ok" }.allSatisfy { $0["remedy"]?.string?.isEmpty == false })
        // A log beside it would have all pages of its own.
        try? FileManager.default.removeItem(atPath: "\(stage.home)/millrace.sqlite-wal")
        try Data("no database".utf8).write(to: URL(filePath: "\(stage.home)/millrace.sqlite"))
        #expect(try examine()["database"]?["status"] == "failed")
    }
}
