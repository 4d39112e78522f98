import ArgumentParser
import HTTPAPI
import JSON

extension Campaigns {
    /// The command `millrace campaigns promote`.
    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move a campaign to a version, whatever its policy says."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The name or ARN of the campaign.")
        var campaign: String
        @Option(name: .long, help: "The solution version; the one that waits, or else the newest.")
        var version: String?

        func run() async throws {
            try await reporting {
                let client = try options.client
                var input: JSON = ["campaignArn": .string(try await client.campaignARN(of: campaign))]
                if let version {
                    input["solutionVersionArn"] = .string(try await client.solutionVersionARN(of: version))
                }
                let answer = try await client.millrace("PromoteCampaign", input)
                options.show(answer) { Rollouts.decision(answer) }
            }
        }
    }

    /// The command `millrace campaigns rollback`.
    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move a campaign back to the version it served before."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The name or ARN of the campaign.")
        var campaign: String

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = try await client.campaignARN(of: campaign)
                let answer = try await client.millrace("RollBackCampaign", ["campaignArn": .string(arn)])
                options.show(answer) { Rollouts.decision(answer) }
            }
        }
    }

    /// The command `millrace campaigns hold`.
    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep a campaign on its version, whatever is trained."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The name or ARN of the campaign.")
        var campaign: String
        @Flag(name: .long, help: "Let the policy decide again.")
        var release = false

        func run() async throws {
            try await reporting {
                let client = try options.client
                let input: JSON = [
                    "campaignArn": .string(try await client.campaignARN(of: campaign)), "isHeld": .bool(!release),
                ]
                let answer = try await client.millrace("HoldCampaign", input)
                options.show(answer) { Rollouts.decision(answer) }
            }
        }
    }

    /// The command `millrace campaigns policy`.
    struct Policy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say when a campaign is moved to a new version."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The name or ARN of the campaign.")
        var campaign: String
        @Argument(help: "always, notWorse, better, manual, or a policy as JSON.")
        var policy: String

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = JSON.string(try await client.campaignARN(of: campaign))
                let value = policy.hasPrefix("{") ? try JSON(parsing: policy) : .string(policy)
                _ = try await client.millrace("PutPromotionPolicy", ["campaignArn": arn, "promotionPolicy": value])
                let rollout = try await client.millrace("DescribeRollout", ["campaignArn": arn])
                options.show(rollout) { Terminal.print("Policy: \(rollout["policy"]?.text ?? "")") }
            }
        }
    }

    /// The command `millrace campaigns experiment`.
    struct RunExperiment: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "experiment",
            abstract: "Show, begin or end an experiment: two versions behind one campaign."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The name or ARN of the campaign.")
        var campaign: String
        @Flag(name: .long, help: "Begin one with the candidate, or with the version that waits.")
        var start = false
        @Flag(name: .long, help: "End the one that is going on.")
        var stop = false
        @Option(name: .long, help: "The candidate, a solution version.")
        var candidate: String?
        @Option(name: .long, help: "ab, canary or shadow.")
        var mode: String?
        @Option(name: .long, help: "The candidate's share of users, between 0 and 1.")
        var share: Double?
        @Option(name: .long, help: "The type of event that counts; every event of an answer if absent.")
        var eventType: String?
        @Option(name: .long, help: "How many minutes after a user's first answer his event counts.")
        var outcomeMinutes: Int?
        @Option(name: .long, help: "How many users each version must have answered before anything is decided.")
        var minimumUsers: Int?
        @Flag(name: .long, help: "Move the campaign to a candidate that has won.")
        var promoteWinner = false

        func validate() throws {
            guard !start || !stop else { throw ValidationError("give --start or --stop, not both") }
        }

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = try await client.campaignARN(of: campaign)
                if start { _ = try await client.millrace("StartExperiment", try await settings(client, arn)) }
                let operation = stop ? "StopExperiment" : "DescribeExperiment"
                let answer = try await client.millrace(operation, ["campaignArn": .string(arn)])
                options.show(answer) { Rollouts.experiment(answer) }
            }
        }

        private func settings(_ client: Client, _ arn: String) async throws -> JSON {
            var input: JSON = ["campaignArn": .string(arn), "promotesWinner": .bool(promoteWinner)]
            if let candidate {
                input["solutionVersionArn"] = .string(try await client.solutionVersionARN(of: candidate))
            }
            input["mode"] = mode.map(JSON.string)
            input["share"] = share.map(JSON.double)
            input["eventType"] = eventType.map(JSON.string)
            input["outcomeMinutes"] = outcomeMinutes.map { JSON($0) }
            input["minimumUsers"] = minimumUsers.map { JSON($0) }
            return input
        }
    }
}

/// Decisions and experiments for people.
enum Rollouts {
    /// A decision that has just been made.
    static func decision(_ answer: JSON) {
        let decision = answer["decision"] ?? [:]
        var table = Table(of: "Decision", decision["decision"]?.string ?? "none")
        if let version = decision["solutionVersionArn"]?.string { table.add("Version", version) }
        table.add("Why", decision["reason"]?.string ?? "nothing has changed")
        table.print()
    }

    /// The policy of a campaign and the latest decisions.
    static func print(_ rollout: JSON) {
        let policy = rollout["policy"]?["rule"]?.string ?? ""
        var table = Table(of: "Policy", rollout["isHeld"]?.bool == true ? "\(policy), held" : policy)
        if let earlier = rollout["earlierVersionArns"]?.array?.last?.string { table.add("Rolls back to", earlier) }
        if let waiting = rollout["waitingVersionArn"]?.string { table.add("Waits", waiting) }
        if let experiment = rollout["experiment"] {
            table.add(
                "Experiment",
                "\(experiment["settings"]?["mode"]?.string ?? "") \(experiment["experimentId"]?.string ?? "")"
            )
        }
        table.print()
        let decisions = (rollout["decisions"]?.array ?? []).prefix(5)
        guard !decisions.isEmpty else { return }
        Terminal.print()
        var list = Table("Decided", "What", "By", "Version")
        for decision in decisions {
            let version = decision["solutionVersionArn"]?.string?.split(separator: "/").last.map(String.init)
            list.add(
                Moment.text(decision["date"]),
                decision["decision"]?.string ?? "",
                decision["decidedBy"]?.string ?? "",
                version ?? ""
            )
        }
        list.print()
        Terminal.print("\nWhy the latest: \(decisions.first?["reason"]?.string ?? "")")
    }

    /// An experiment with its report.
    static func experiment(_ value: JSON) {
        let report = value["report"] ?? [:]
        var table = Table(of: "Experiment", value["experimentId"]?.string ?? "")
        table.add("Mode", value["settings"]?["mode"]?.string ?? "")
        table.add("Since", Moment.text(value["startedAt"]))
        if let end = value["endedAt"] { table.add("Ended", Moment.text(end)) }
        table.add("Serving", value["servingVersionArn"]?.string ?? "")
        table.add("Candidate", value["candidateVersionArn"]?.string ?? "")
        table.add("Winner", report["winner"]?.string ?? "")
        table.add("p-value", report["pValue"]?.double.map(MetricsTable.rounded) ?? "")
        if let pending = report["pendingUsers"]?.int { table.add("Pending users", "\(pending)") }
        if let shadow = report["shadow"] {
            table.add("Answers", shadow["answers"]?.text ?? "")
            table.add("Overlap at 10", shadow["meanOverlapAt10"]?.double.map(MetricsTable.rounded) ?? "")
        }
        table.print()
        if let summary = report["summary"]?.string { Terminal.print("\n\(summary)") }
    }
}
