import ArgumentParser
import Foundation
import HTTPAPI
import JSON
import UnixSignals

extension Schedules {
    /// The command `millrace schedules backfill`.
    struct BackfillSchedule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "backfill",
            abstract: "Make up for the times of a range: a run for each, with its scheduledTime in the input.",
            discussion: """
                A line a time, as its run ends. Interrupted (Ctrl-C), it begins no further run; those that have begun \
                go on, and --only-missing takes up the rest. Runs of the pipeline use what is in the bucket now, and \
                those of one dataset group follow one another.
                Example: millrace schedules backfill nightly --from 2026-11-01 --to 2026-11-14 --only-missing
                """
        )

        @OptionGroup var target: ScheduleTarget
        @Option(help: "The first moment: 2026-11-01 or 2026-11-01T04:00:00Z; a day is one in UTC.")
        var from: BackfillMoment
        @Option(help: "The last moment, a day with all its times; now unless given.")
        var to: BackfillMoment?
        @Flag(help: "Leave out times whose run was started; a time never runs twice.")
        var onlyMissing = false
        @Flag(help: "Only print the times.")
        var dryRun = false
        @Option(help: "How many runs may go on at once, 1 to 16.")
        var concurrency = 1

        func validate() throws {
            guard (1...16).contains(concurrency) else {
                throw ValidationError("--concurrency \"\(concurrency)\" must be from 1 to 16")
            }
        }

        func run() async throws {
            try await reporting {
                let client = try target.options.client
                let key: JSONObject = ["name": .string(target.name), "groupName": try await target.groupName(client)]
                var request = JSON.object(key)
                request["from"] = .double(from.start.timeIntervalSince1970)
                request["to"] = .double((to?.end ?? Date()).timeIntervalSince1970)
                let answer = try await client.millrace("ListScheduleTimes", request)
                let times = (answer["times"]?.array ?? []).filter { !onlyMissing || $0["isMissing"] == true }
                if dryRun { return show(times) }
                guard !times.isEmpty else {
                    return target.options.show([]) { Terminal.print("No time to make up for.") }
                }
                let backfill = Backfill(
                    client: client,
                    key: key,
                    isRepeated: !onlyMissing,
                    format: target.options.output
                )
                try await backfill.run(times.compactMap { $0["scheduledTime"]?.double }, concurrency: concurrency)
            }
        }

        private func show(_ times: [JSON]) {
            target.options.show(.array(times)) {
                for time in times {
                    let firing = time["firing"]
                    let execution = firing?["executionArn"]?.string?.split(separator: ":").last.map(String.init)
                    let parts = [
                        Backfill.text(time["scheduledTime"]?.double), firing?["status"]?.string ?? "MISSING",
                        execution ?? "",
                    ]
                    Terminal.print(parts.filter { !$0.isEmpty }.joined(separator: "  "))
                }
                Terminal.print("\(times.count) time\(times.count == 1 ? "" : "s"); nothing was started.")
            }
        }
    }
}

/// An end of a range: a moment, or a whole day in UTC.
struct BackfillMoment: ExpressibleByArgument {
    let start: Date
    let end: Date

    init?(argument: String) {
        if let date = try? Date(argument, strategy: .iso8601) {
            (start, end) = (date, date)
        } else if let date = try? Date("\(argument)T00:00:00Z", strategy: .iso8601) {
            (start, end) = (date, date.addingTimeInterval(86_400 - 0.001))
        } else {
            return nil
        }
    }
}

/// Has a schedule's runs made up for, so many at once, and prints a line for each.
private struct Backfill: Sendable {
    let client: Client
    let key: JSONObject
    let isRepeated: Bool
    let format: OutputFormat

    /// How long to rest between two looks at a run.
    private static let interval = Duration.milliseconds(500)

    /// What became of a time.
    private struct Outcome: Sendable {
        let time: Double
        let status: String
        let execution: String
        let reason: String?
    }

    private enum News: Sendable {
        case ended(Outcome)
        case interrupted
    }

    func run(_ times: [Double], concurrency: Int) async throws {
        var rest = times[...]
        var outcomes: [Outcome] = []
        let isInterrupted = try await withThrowingTaskGroup(of: News.self) { group in
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            group.addTask {
                for await _ in signals { return .interrupted }
                throw CancellationError()
            }
            for time in rest.prefix(concurrency) { group.addTask { .ended(try await outcome(of: time)) } }
            rest = rest.dropFirst(concurrency)
            while outcomes.count < times.count, let news = try await group.next() {
                guard case .ended(let outcome) = news else {
                    group.cancelAll()
                    return true
                }
                outcomes.append(outcome)
                show(outcome, outcomes.count, of: times.count)
                if let time = rest.popFirst() { group.addTask { .ended(try await self.outcome(of: time)) } }
            }
            group.cancelAll()
            return false
        }
        if isInterrupted { _ = try await client.millrace("CancelBackfill", .object(key)) }
        try end(outcomes, of: times.count, isInterrupted: isInterrupted)
    }

    private func end(_ outcomes: [Outcome], of count: Int, isInterrupted: Bool) throws {
        let succeeded = outcomes.count { $0.status == "SUCCEEDED" || $0.status == "STARTED" }
        if format == .table {
            let left = outcomes.count < count ? ", \(count - outcomes.count) left; go on with --only-missing" : ""
            Terminal.print("\(succeeded) of \(count) succeeded, \(outcomes.count - succeeded) did not\(left).")
        }
        if isInterrupted { throw ExitCode(130) }
        if succeeded < count { throw MillraceExit.executionFailed }
    }

    private func outcome(of time: Double) async throws -> Outcome {
        var request = JSON.object(key)
        request["scheduledTime"] = .double(time)
        request["isRepeated"] = .bool(isRepeated)
        var firing = try await client.millrace("BackfillSchedule", request)
        while firing["status"] == "PENDING" {
            try await Task.sleep(for: Self.interval)
            firing = try await known(firing)
        }
        let arn = firing["executionArn"]?.string ?? ""
        var status = firing["status"]?.string ?? ""
        if status == "STARTED" { status = try await end(of: arn) ?? status }
        return Outcome(
            time: time,
            status: status,
            execution: arn.split(separator: ":").last.map(String.init) ?? "",
            reason: firing["reason"]?.string
        )
    }

    /// A firing as it is now.
    private func known(_ firing: JSON) async throws -> JSON {
        var request = JSON.object(key)
        request["maxResults"] = 100
        let firings = try await client.millrace("ListFirings", request)["firings"]?.array ?? []
        guard let known = firings.first(where: { $0["id"] == firing["id"] }) else {
            throw CommandError(
                message: "the run of \(Self.text(firing["scheduledTime"]?.double)) is not known any more"
            )
        }
        return known
    }

    /// The status an execution ends with; `nil` of an Express execution, which cannot be asked.
    private func end(of arn: String) async throws -> String? {
        guard arn.contains(":execution:") else { return nil }
        while true {
            let execution = try await client.stepFunctions("DescribeExecution", ["executionArn": .string(arn)])
            let status = execution["status"]?.string ?? ""
            guard status == "RUNNING" || status == "PENDING_REDRIVE" else { return status }
            try await Task.sleep(for: Self.interval)
        }
    }

    private func show(_ outcome: Outcome, _ number: Int, of count: Int) {
        switch format {
        case .table:
            let parts = [
                Self.text(outcome.time), Style.status(outcome.status), outcome.execution, outcome.reason ?? "",
                Style.dim("\(number)/\(count)"),
            ]
            Terminal.print(parts.filter { !$0.isEmpty }.joined(separator: "  "))
        case .json:
            let line: JSON = [
                "scheduledTime": .double(outcome.time), "status": .string(outcome.status),
                "execution": .string(outcome.execution), "reason": .init(outcome.reason),
            ]
            Terminal.print(line.text)
        }
    }

    static func text(_ seconds: Double?) -> String {
        Date(timeIntervalSince1970: seconds ?? 0).formatted(.iso8601)
    }
}
