import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace schedules …`.
struct Schedules: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See and change when data is imported and models are trained again.",
        discussion: """
            Schedules in params.json are created by the drop and named GROUP-full and GROUP-import. A run uses what \
            is in the bucket when it fires.
            """,
        subcommands: [
            ListSchedules.self, CreateSchedule.self, PauseSchedule.self, ResumeSchedule.self, TriggerSchedule.self,
            BackfillSchedule.self, DeleteSchedule.self,
        ],
        defaultSubcommand: ListSchedules.self
    )
}

extension Schedules {
    /// The command `millrace schedules list`.
    struct ListSchedules: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the schedules.")

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await reporting {
                let answer = try await options.client.millrace("ListSchedules")
                options.show(answer) {
                    let schedules = answer["schedules"]?.array ?? []
                    guard !schedules.isEmpty else { return Terminal.print("No schedules.") }
                    var table = Table("Name", "State", "Expression", "Time zone", "Next", "Last", "Last run")
                    for schedule in schedules {
                        table.add(
                            schedule["name"]?.string ?? "",
                            Style.status(schedule["state"]?.string ?? ""),
                            schedule["scheduleExpression"]?.string ?? "",
                            schedule["scheduleExpressionTimezone"]?.string ?? "",
                            Moment.text(schedule["nextFire"]),
                            Moment.text(schedule["lastFired"]),
                            schedule["lastError"]?.string.map { Style.red($0) }
                                ?? schedule["lastExecution"]?.string?.split(separator: ":").last.map(String.init) ?? ""
                        )
                    }
                    table.print()
                }
            }
        }
    }

    /// The command `millrace schedules create`.
    struct CreateSchedule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Create or replace a schedule for a params.json.",
            discussion: """
                Expressions: rate(6 hours), cron(0 4 * * ? *) (minute hour day-of-month month day-of-week year), \
                at(2026-12-01T09:00:00).
                Example: millrace schedules create nightly --expression 'cron(0 4 * * ? *)' --timezone Europe/Berlin \
                --params s3://films/params.json
                """
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The name of the schedule.")
        var name: String
        @Option(help: "When: rate(…), cron(…) or at(…).")
        var expression: String
        @Option(help: "The IANA time zone, such as Europe/Berlin.")
        var timezone = "UTC"
        @Option(help: "The configuration to run, as s3://BUCKET/KEY.")
        var params: String
        @Option(help: "full: import, train and deploy. import: only import.")
        var mode: PipelineMode = .full
        @Option(help: "While its last run goes on: skip, allow, queue (wait) or cancel (stop it).")
        var overlap: ScheduleOverlap = .skip
        @Option(help: "After downtime: once, all or skip.")
        var catchUp: ScheduleCatchUp = .once
        @Option(help: ArgumentHelp("Start within so many minutes after the time.", valueName: "minutes"))
        var jitter: Int?
        @Option(help: ArgumentHelp("Tell of a run that is so many minutes late; 0 for never.", valueName: "minutes"))
        var grace: Int?

        private func targetInput() throws -> JSON {
            let parts = params.hasPrefix("s3://") ? params.dropFirst(5).split(separator: "/", maxSplits: 1) : []
            guard parts.count == 2 else {
                throw CommandError(message: "--params \"\(params)\" must be s3://BUCKET/KEY of a params.json")
            }
            return [
                "bucket": .string(String(parts[0])), "key": .string(String(parts[1])), "mode": .string(mode.rawValue),
            ]
        }

        private func print(_ schedule: JSON) {
            for warning in schedule["warnings"]?.array ?? [] {
                Terminal.warn("\(Style.yellow("warning:")) \(warning.string ?? "")")
            }
            guard schedule["nextFire"] != nil else { return }
            Terminal.print("\(name) fires next at \(Moment.text(schedule["nextFire"]))")
        }

        func run() async throws {
            try await reporting {
                let client = try options.client
                var request: JSON = [
                    "name": .string(name), "scheduleExpression": .string(expression),
                    "scheduleExpressionTimezone": .string(timezone),
                    "target": ["kind": "pipeline", "input": try targetInput()],
                    "overlap": .string(overlap.rawValue), "catchUp": .string(catchUp.rawValue),
                ]
                if let jitter { request["flexibleMinutes"] = JSON(jitter) }
                if let grace { request["graceSeconds"] = JSON(grace * 60) }
                let answer: JSON
                do {
                    answer = try await client.millrace("CreateSchedule", request)
                } catch let error as ClientError where error.code == "ConflictException" {
                    answer = try await client.millrace("UpdateSchedule", request)
                }
                options.show(answer) { print(answer) }
            }
        }
    }

    /// The command `millrace schedules pause`.
    struct PauseSchedule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "pause", abstract: "Stop a schedule from firing.")
        @OptionGroup var target: ScheduleTarget

        func run() async throws { try await target.call("PauseSchedule", done: "paused") }
    }

    /// The command `millrace schedules resume`.
    struct ResumeSchedule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resume",
            abstract: "Let a paused schedule fire again; what it missed while paused is not made up for."
        )
        @OptionGroup var target: ScheduleTarget

        func run() async throws { try await target.call("ResumeSchedule", done: "resumed") }
    }

    /// The command `millrace schedules trigger`.
    struct TriggerSchedule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "trigger", abstract: "Fire a schedule now.")
        @OptionGroup var target: ScheduleTarget

        func run() async throws { try await target.call("TriggerSchedule", done: "triggered") }
    }

    /// The command `millrace schedules delete`.
    struct DeleteSchedule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a schedule.")
        @OptionGroup var target: ScheduleTarget

        func run() async throws { try await target.call("DeleteSchedule", done: "deleted") }
    }
}

/// What a run does.
enum PipelineMode: String, ExpressibleByArgument, CaseIterable {
    case full
    case imports = "import"
}

/// What happens while the last run goes on.
enum ScheduleOverlap: String, ExpressibleByArgument, CaseIterable {
    case skip, allow, queue, cancel
}

/// What happens with times that were missed.
enum ScheduleCatchUp: String, ExpressibleByArgument, CaseIterable {
    case once, all, skip
}

/// A schedule by its name, and one operation on it.
struct ScheduleTarget: ParsableArguments {
    @OptionGroup var options: ClientOptions
    @Argument(help: "The name of the schedule.")
    var name: String

    func call(_ operation: String, done: String) async throws {
        try await reporting {
            let client = try options.client
            let input: JSON = ["name": .string(name), "groupName": try await groupName(client)]
            let answer = try await client.millrace(operation, input)
            options.show(answer) { Terminal.print("\(name) is \(done).") }
        }
    }

    /// The group is found by the name, which people need not know to be unique only within it.
    func groupName(_ client: Client) async throws -> JSON {
        let schedules = try await client.millrace("ListSchedules")["schedules"]?.array ?? []
        if let match = schedules.first(where: { $0["name"]?.string == name }) { return match["groupName"] ?? .null }
        let names = schedules.compactMap { $0["name"]?.string }
        let known = names.isEmpty ? "there is none" : "there are \(names.joined(separator: ", "))"
        let hint = NearestName.find(name, among: names).map { "did you mean \"\($0)\"?" } ?? known
        throw CommandError(message: "no schedule is named \"\(name)\", \(hint)")
    }
}
