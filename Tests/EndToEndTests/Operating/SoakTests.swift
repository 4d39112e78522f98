import Foundation
import HTTPAPI
import JSON
import SQLiteStore
import TestSupport
import Testing

@testable import millrace

/// Two groups that are retrained each minute, by a service that is killed at random moments and collects what is old.
///
/// `make soak-kills` lets it go on for as long as it is told; among the other tests it is short.
@Suite(.serialized) struct SoakTests {
    /// How long, in seconds: long enough for each schedule to fire, and no longer than firings can be listed.
    static let seconds = min(
        5400,
        ProcessInfo.processInfo.environment["MILLRACE_SOAK_SECONDS"].flatMap { Int($0) } ?? 80
    )

    @Test(.timeLimit(.minutes(SoakTests.seconds / 60 + 15)))
    func `no tick is lost, no run overlaps another or is stuck, and neither memory nor files grow`() async throws {
        var soak = try await Soak()
        try await soak.begin()
        try await soak.run(for: .seconds(Self.seconds))
        try await soak.settle()
        soak.report()
        try await soak.check()
    }
}

/// One soak: the service, and what was seen of it.
private struct Soak {
    /// What the process and its home take at a moment.
    struct Sample {
        let second: Int
        let resident: Int
        let files: Int
        let bytes: Int
        let database: Int
        let executions: Int
    }

    private static let groups = ["one", "two"]
    /// How long an execution and the record of a job are kept, and how many versions.
    private static let keptSeconds = 180
    private static let keptVersions = 3

    private let directory: TemporaryDirectory
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var service: MillraceProcess
    private var kills = 0
    private var backups = 0
    private var samples: [Sample] = []
    /// When schedules were first seen, and the last whole minute that must have fired.
    private var firstSeen = Date()
    private var lastMinute = Date()
    /// Every execution that was ever seen, as it was seen last.
    private var executions: [String: JSON] = [:]
    /// The firings of each group's schedule, by scheduled time.
    private var firings: [String: [JSON]] = [:]

    private static func service(_ directory: TemporaryDirectory) async throws -> MillraceProcess {
        try await MillraceProcess(
            home: directory.file("home"),
            bucket: directory.file("films"),
            environment: [
                "MILLRACE_RETENTION_EXECUTIONS": "\(keptSeconds) seconds",
                "MILLRACE_RETENTION_JOBS": "\(keptSeconds) seconds",
                "MILLRACE_RETENTION_VERSIONS": "\(keptVersions)", "MILLRACE_RETENTION_INTERVAL": "5 seconds",
            ]
        )
    }

    init() async throws {
        directory = try TemporaryDirectory()
        start = clock.now
        for group in Self.groups {
            try directory.write(Example.interactions(), to: "films/\(group)/Interactions/interactions.csv")
        }
        service = try await Self.service(directory)
    }

    /// Deploys both groups, each with a schedule of each minute.
    mutating func begin() async throws {
        for group in Self.groups {
            let more = #", "schedules": {"full": "cron(* * * * ? *)"}"#
            try directory.write(Example.oneSolution(group: group, more: more), to: "films/\(group)/params.json")
        }
        let client = service.client
        _ = try await client.until("both schedules") { () -> Bool? in
            let schedules = try await client.call("Millrace", "ListSchedules")["schedules"]?.array ?? []
            return schedules.count == Self.groups.count ? true : nil
        }
        firstSeen = Date()
    }

    /// Kills and starts again at random moments; what is seen in between is noted once a second.
    mutating func run(for duration: Duration) async throws {
        let end = clock.now + duration
        var nextKill = clock.now + .seconds(Double.random(in: 5...20))
        while clock.now < end {
            // A soak has no event to wait for: time itself is what it is about.
            try await clock.sleep(until: min(nextKill, clock.now + .seconds(1)))
            guard clock.now >= nextKill else {
                try await look()
                continue
            }
            service.kill()
            kills += 1
            // Sometimes it is down for a while, within which a tick may fall.
            try await clock.sleep(for: .seconds(Double.random(in: 0...4)))
            service = try await Self.service(directory)
            nextKill = clock.now + .seconds(Self.secondsToNextKill())
        }
    }

    /// Half of the kills come at any time, the others while a minute begins and both groups run.
    private static func secondsToNextKill() -> Double {
        guard Bool.random() else { return Double.random(in: 10...90) }
        let second = Date().timeIntervalSince1970.truncatingRemainder(dividingBy: 60)
        return 60 - second + Double.random(in: 0...0.4)
    }

    private mutating func look() async throws {
        for execution in try await service.client.executions() {
            executions[execution["executionArn"]?.string ?? ""] = execution
        }
        let second = Int((clock.now - start) / .seconds(1))
        guard second >= (samples.last?.second ?? -10) + 10 else { return }
        let usage = try await service.client.call("Millrace", "DescribeDisk")["usage"]?.array ?? []
        func amount(_ kinds: [String], _ member: String) -> Int {
            usage.filter { kinds.contains($0["kind"]?.string ?? "") }.reduce(0) { $0 + ($1[member]?.int ?? 0) }
        }
        try await backUp()
        let kept = ["snapshots", "models", "jobs", "logs", "other"]
        samples.append(
            Sample(
                second: second,
                resident: residentMemory,
                files: amount(kept, "files"),
                bytes: amount(kept, "bytes"),
                database: amount(["database"], "bytes"),
                executions: try await service.client.executions().count
            )
        )
    }

    /// Takes a backup of the service as it works, compares it with its manifest and removes it.
    private mutating func backUp() async throws {
        let target = directory.file("backup")
        let answer = try await service.client.call("Millrace", "CreateBackup", ["directory": .string(target)])
        #expect(answer["missing"] == [])
        #expect(try BackupManifest(in: target).faults(in: target).isEmpty)
        #expect(try SQLiteStore.faults(ofDatabaseAt: "\(target)/millrace.sqlite", isThorough: true).isEmpty)
        try FileManager.default.removeItem(atPath: target)
        backups += 1
    }

    private var residentMemory: Int {
        let text = (try? String(contentsOfFile: "/proc/\(service.processID)/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Stops the schedules and waits until whatever was started has ended.
    mutating func settle() async throws {
        lastMinute = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 / 60).rounded(.down) * 60)
        let client = service.client
        // What was due a moment ago may not be handed over yet.
        for group in Self.groups {
            firings[group] = try await client.until("the last firing of \(group)") { () -> [JSON]? in
                let firings = try await self.firings(of: group)
                let isThere = (firings.last?["scheduledTime"]?.double ?? 0) >= lastMinute.timeIntervalSince1970
                return isThere && firings.allSatisfy { $0["status"] != "PENDING" } ? firings : nil
            }
            _ = try await client.call(
                "Millrace",
                "PauseSchedule",
                ["name": .string("\(group)-full"), "groupName": .string(group)]
            )
        }
        _ = try await client.until("the end of all executions", within: .seconds(300)) { () -> Bool? in
            try await client.executions().allSatisfy { $0["status"] != "RUNNING" } ? true : nil
        }
        try await look()
    }

    private func firings(of group: String) async throws -> [JSON] {
        let input: JSON = ["name": .string("\(group)-full"), "groupName": .string(group), "maxResults": 100]
        let firings = try await service.client.call("Millrace", "ListFirings", input)["firings"]?.array ?? []
        return firings.filter { $0["trigger"] == "SCHEDULE" }
            .sorted { ($0["scheduledTime"]?.double ?? 0) < ($1["scheduledTime"]?.double ?? 0) }
    }

    // MARK: What must hold

    func check() async throws {
        for group in Self.groups {
            checkTicks(of: group)
            checkRuns(of: group)
        }
        checkGrowth()
        for group in Self.groups {
            #expect(try await service.client.recommend("\(group)-campaign", user: "1").count == 25)
        }
    }

    /// Each whole minute has fired once; what was left out was so by the policy.
    private func checkTicks(of group: String) {
        let times = (firings[group] ?? []).map { Int($0["scheduledTime"]?.double ?? 0) }
        let first = Int((firstSeen.timeIntervalSince1970 / 60).rounded(.up)) * 60
        let expected = Array(stride(from: first, through: Int(lastMinute.timeIntervalSince1970), by: 60))
        #expect(!expected.isEmpty)
        #expect(times.filter { $0 >= first && $0 <= Int(lastMinute.timeIntervalSince1970) } == expected, "\(group)")
        for firing in firings[group] ?? [] {
            let isByPolicy = firing["status"] == "SKIPPED" && firing["reason"]?.string?.contains("still run") == true
            #expect(firing["status"] == "STARTED" || isByPolicy, "\(group): \(firing)")
        }
    }

    private func runs(of group: String) -> [JSON] {
        (firings[group] ?? []).compactMap { $0["executionArn"]?.string }.compactMap { executions[$0] }
            .sorted { ($0["startDate"]?.double ?? 0) < ($1["startDate"]?.double ?? 0) }
    }

    /// Each run that was started has ended well, and before the next of its group began.
    private func checkRuns(of group: String) {
        let started = Set((firings[group] ?? []).compactMap { $0["executionArn"]?.string })
        let runs = runs(of: group)
        #expect(runs.count == started.count, "\(group): \(started.subtracting(executions.keys))")
        for run in runs { #expect(run["status"] == "SUCCEEDED", "\(run)") }
        for (run, next) in zip(runs, runs.dropFirst()) {
            #expect((run["stopDate"]?.double ?? .infinity) <= (next["startDate"]?.double ?? 0), "\(run) \(next)")
        }
    }

    private func checkGrowth() {
        // Served, rolled back to, newest and being made: so many versions of four files, and a snapshot each.
        let versions = Self.groups.count * (Self.keptVersions + 4 + 3)
        #expect(samples.allSatisfy { $0.files <= versions * 5 + 10 })
        // A run a minute and group while it is kept, the one that is going on, and the deployment.
        let runs = Self.groups.count * (Self.keptSeconds / 60 + 4)
        #expect(samples.allSatisfy { $0.executions <= runs })
        // From when the first executions have gone on nothing grows.
        let settled = samples.filter { $0.second > 2 * Self.keptSeconds }
        guard settled.count >= 30 else { return }
        let (early, late) = (settled.prefix(settled.count / 3), settled.suffix(settled.count / 3))
        func median(_ samples: ArraySlice<Sample>, _ member: (Sample) -> Int) -> Double {
            Double(samples.map(member).sorted()[samples.count / 2])
        }
        #expect(median(late, \.resident) <= median(early, \.resident) * 1.15)
        #expect(median(late, \.files) <= median(early, \.files) + 4)
        #expect(median(late, \.bytes) <= median(early, \.bytes) * 1.15)
        #expect(median(late, \.database) <= median(early, \.database) * 1.15 + 1_000_000)
    }

    func report() {
        print(
            "soak: \(samples.last?.second ?? 0) s, \(kills) kills, \(backups) backups, \(executions.count) executions"
        )
        for group in Self.groups {
            let all = firings[group] ?? []
            let durations = runs(of: group).map { ($0["stopDate"]?.double ?? 0) - ($0["startDate"]?.double ?? 0) }
            print(
                "soak: group \(group): \(all.count) ticks, \(all.count { $0["status"] == "STARTED" }) started, "
                    + "\(all.count { $0["status"] == "SKIPPED" }) skipped by policy, longest run "
                    + String(format: "%.1f s", durations.max() ?? 0)
            )
        }
        print("soak:   second  resident MiB  files  files KiB  database KiB  executions")
        for sample in samples where sample.second % 60 < 10 || sample.second == samples.last?.second {
            let row = [
                sample.second, sample.resident >> 20, sample.files, sample.bytes >> 10, sample.database >> 10,
                sample.executions,
            ]
            let widths = [8, 12, 5, 9, 12, 10]
            print(
                "soak: "
                    + zip(row, widths).map { String(repeating: " ", count: max(0, $1 - "\($0)".count)) + "\($0)" }
                    .joined(separator: "  ")
            )
        }
    }
}
