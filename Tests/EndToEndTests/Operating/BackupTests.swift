import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

@testable import millrace

/// Copies of a home that is being worked on, by the real program.
@Suite struct BackupTests {
    private func millrace(_ stage: Stage, _ arguments: String...) throws -> String {
        try run(
            MillraceProcess.program.path,
            arguments,
            environment: ["MILLRACE_ENDPOINT": stage.service.endpoint, "NO_COLOR": "1"]
        )
    }

    @Test func `a backup that is taken while a run goes on serves the same when it is restored`() async throws {
        let stage = try await Stage()
        try stage.directory.write(Example.oneSolution(), to: "films/params.json")
        _ = try await stage.service.client.ended(1)
        let answer = try await stage.service.client.recommend("small-campaign", user: "1")
        // The second run is going on while the home is copied.
        try stage.directory.write(Example.interactions(users: 90), to: "films/Interactions/interactions.csv")
        try stage.directory.write(Example.oneSolution(more: #", "schedules": {}"#), to: "films/params.json")
        let backup = stage.directory.file("backups/one")
        let report = try JSON(parsing: millrace(stage, "backup", backup, "--output", "json"))
        #expect(report["missing"] == [])
        #expect(report["linkedFiles"]?.int ?? 0 > 0)
        _ = try await stage.service.client.ended(2)

        let home = stage.directory.file("restored")
        #expect(try run(MillraceProcess.program.path, "restore", backup, "--home", home).contains("files"))
        #expect(try String(contentsOfFile: "\(home)/webhook-secret", encoding: .utf8).isEmpty == false)
        let bucket = stage.directory.file("other")
        try FileManager.default.createDirectory(atPath: bucket, withIntermediateDirectories: true)
        let again = try await MillraceProcess(home: home, bucket: bucket)
        // Whether the first version is still served, or the second, is as it was at the moment of the copy.
        let restored = try await again.client.recommend("small-campaign", user: "1")
        #expect(restored.count == answer.count)
        _ = try await again.client.ended(1)
        let doctor = try run(
            MillraceProcess.program.path,
            ["doctor", "--home", home, "--bucket", "films=\(bucket)", "--json", "--thorough"]
        )
        #expect(try JSON(parsing: doctor)["isWell"] == true)
        // The home that was copied is as it was: what is shared is written by nobody.
        #expect(
            try JSON(parsing: millrace(stage, "backup", stage.directory.file("two"), "--output", "json"))["missing"]
                == []
        )
    }

    @Test func `a place that is taken, the home itself and a damaged backup are refused`() async throws {
        let stage = try await Stage()
        try stage.directory.write("x", to: "taken/file")
        func complaint(_ arguments: String...) -> String {
            let error = #expect(throws: ProgramError.self) {
                try run(
                    MillraceProcess.program.path,
                    arguments,
                    environment: ["MILLRACE_ENDPOINT": stage.service.endpoint, "NO_COLOR": "1"]
                )
            }
            return error?.complaint ?? ""
        }
        #expect(complaint("backup", stage.directory.file("taken")).contains("exists and is not empty"))
        #expect(complaint("backup", "\(stage.home)/inside").contains("is in the home itself"))
        let backup = stage.directory.file("one")
        _ = try millrace(stage, "backup", backup)
        #expect(complaint("restore", backup, "--home", stage.home).contains("is not empty"))
        #expect(
            complaint("restore", stage.directory.file("taken"), "--home", stage.directory.file("new")).contains(
                "no backup"
            )
        )
        let secret = URL(filePath: "\(backup)/webhook-secret")
        var bytes = try Data(contentsOf: secret)
        bytes[0] ^= 1
        try bytes.write(to: secret)
        let damaged = complaint("restore", backup, "--home", stage.directory.file("new"))
        #expect(damaged.contains("webhook-secret\" has other bytes than it had"))
        let manifest = try String(contentsOfFile: "\(backup)/manifest.json", encoding: .utf8)
        try manifest.replacing("webhook-secret", with: "../secret")
            .write(toFile: "\(backup)/manifest.json", atomically: true, encoding: .utf8)
        #expect(
            complaint("restore", backup, "--home", stage.directory.file("new")).contains(
                "names a file that no backup has"
            )
        )
        #expect(!FileManager.default.fileExists(atPath: stage.directory.file("new")))
    }

    /// Whether a small file system can be mounted for a process of ours.
    private static let canMount =
        (try? run("/usr/bin/env", "unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt")) != nil

    @Test(.enabled(if: canMount))
    func `a target that is full is told of, and nothing is left there`() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(Example.interactions(), to: "films/Interactions/interactions.csv")
        let full = directory.file("full")
        try FileManager.default.createDirectory(atPath: full, withIntermediateDirectories: true)
        let program = MillraceProcess.program.path
        // The service and who looks afterwards must see the same small file system.
        let script = """
            set -e
            mount -t tmpfs -o size=200k none \(full)
            \(program) serve --home \(directory.file("home")) --bucket films=\(directory.file("films")) --port 0 \
                2>\(directory.file("log")) &
            until grep -q endpoint= \(directory.file("log")); do sleep 0.1; done
            endpoint=$(grep -o 'endpoint=[^ ]*' \(directory.file("log")) | cut -d= -f2)
            status=0
            \(program) backup \(full)/one --endpoint $endpoint 2>\(directory.file("complaint")) || status=$?
            echo "status $status, left: $(ls -A \(full))"
            \(program) status --endpoint $endpoint >/dev/null && echo "still serves"
            kill %1 && wait %1 || true
            """
        let output = try run("/usr/bin/env", "unshare", "-rm", "bash", "-c", script)
        #expect(output.split(separator: "\n") == ["status 1, left: ", "still serves"])
        let complaint = try String(contentsOfFile: directory.file("complaint"), encoding: .utf8)
        #expect(complaint.contains("free some space"), "\(complaint)")
    }

    @Test func `a service that is killed while it writes a backup leaves a whole one or none`() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(Example.interactions(users: 400, items: 200), to: "films/Interactions/interactions.csv")
        let (home, bucket) = (directory.file("home"), directory.file("films"))
        var service = try await MillraceProcess(home: home, bucket: bucket)
        try directory.write(Example.oneSolution(), to: "films/params.json")
        _ = try await service.client.ended(1)
        let clock = ContinuousClock()
        for round in 0..<6 {
            let target = directory.file("backup\(round)")
            let backup = Process()
            backup.executableURL = MillraceProcess.program
            backup.arguments = ["backup", target, "--endpoint", service.endpoint]
            backup.standardError = FileHandle.nullDevice
            backup.standardOutput = FileHandle.nullDevice
            try backup.run()
            // A kill has no event to wait for: the moment itself is what is tested.
            try await clock.sleep(for: .milliseconds(Int.random(in: 10...150)))
            service.kill()
            backup.waitUntilExit()
            if FileManager.default.fileExists(atPath: target) {
                let manifest = try BackupManifest(in: target)
                #expect(manifest.faults(in: target).isEmpty && manifest.missing.isEmpty)
            } else {
                #expect(backup.terminationStatus != 0)
            }
            service = try await MillraceProcess(home: home, bucket: bucket)
            let again = directory.file("again\(round)")
            try run(MillraceProcess.program.path, "backup", again, "--endpoint", service.endpoint)
            #expect(try BackupManifest(in: again).faults(in: again).isEmpty)
        }
    }

    @Test func `what a crash has left of a backup goes with the next one to the same place`() async throws {
        let stage = try await Stage()
        try stage.directory.write("half", to: ".one.partial/data/half")
        _ = try millrace(stage, "backup", stage.directory.file("one"))
        #expect(!FileManager.default.fileExists(atPath: stage.directory.file(".one.partial")))
        #expect(!FileManager.default.fileExists(atPath: stage.directory.file("one/data/half")))
    }
}
