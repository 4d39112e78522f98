import ArgumentParser
import Foundation
import HTTPAPI
import JSON

/// The command `millrace notifications rules …`.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Send events to topics by rules, as EventBridge does.",
        discussion: """
            Events come from `events:putEvents` tasks, from the AWSEvents API, and from executions whose status changes \
            (source "aws.states").
            """,
        subcommands: [ListRules.self, PutRule.self, DeleteRule.self],
        defaultSubcommand: ListRules.self
    )

    /// The command `millrace notifications rules list`.
    struct ListRules: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the rules.")

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await reporting {
                let client = try options.client
                var rules = try await client.events("ListRules")["Rules"]?.array ?? []
                for index in rules.indices {
                    let targets = try await client.events("ListTargetsByRule", ["Rule": rules[index]["Name"] ?? ""])
                    rules[index]["Targets"] = targets["Targets"] ?? []
                }
                options.show(["rules": .array(rules)]) {
                    guard !rules.isEmpty else { return Terminal.print("No rules.") }
                    var table = Table("Name", "State", "Topics", "Pattern")
                    for rule in rules {
                        let topics = (rule["Targets"]?.array ?? []).compactMap { target in
                            target["Arn"]?.string?.split(separator: ":").last.map(String.init)
                        }
                        table.add(
                            rule["Name"]?.string ?? "",
                            Style.status(rule["State"]?.string ?? ""),
                            topics.joined(separator: ", "),
                            rule["EventPattern"]?.string ?? ""
                        )
                    }
                    table.print()
                }
            }
        }
    }

    /// The command `millrace notifications rules put`.
    struct PutRule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "put",
            abstract: "Make or change a rule, its topic and who listens.",
            discussion: """
                Example: millrace notifications rules put failures --pattern '{"source": ["aws.states"], \
                "detail": {"status": ["FAILED"]}}' --webhook http://localhost:9000/failed
                """
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The rule's name.")
        var name: String
        @Option(help: ArgumentHelp("What it wants: JSON, or a file with it.", valueName: "json or file"))
        var pattern: String
        @Option(help: "The topic that events go to (default: named as the rule).")
        var topic: String?
        @Option(help: ArgumentHelp("Who listens to the topic: a URL; may be given several times.", valueName: "url"))
        var webhook: [String] = []
        @Option(
            help: ArgumentHelp(
                "Who listens to the topic: an address; may be given several times.",
                valueName: "address"
            )
        )
        var mail: [String] = []
        @Option(
            help: ArgumentHelp(
                "Gather notices for so many minutes into one, for those listeners.",
                valueName: "minutes"
            )
        )
        var digest: Int?
        @Flag(help: "Make it, but let it look at no events.")
        var disabled = false

        func run() async throws {
            try await reporting {
                let client = try options.client
                let text = FileManager.default.contents(atPath: pattern).map { String(decoding: $0, as: UTF8.self) }
                var rule: JSON = ["Name": .string(name), "EventPattern": .string(text ?? pattern)]
                rule["State"] = disabled ? "DISABLED" : "ENABLED"
                let answer = try await client.events("PutRule", rule)
                let arn = try await topicARN(client)
                let target: JSON = ["Id": "topic", "Arn": arn]
                _ = try await client.events("PutTargets", ["Rule": .string(name), "Targets": [target]])
                options.show(["ruleArn": answer["RuleArn"] ?? nil, "topicArn": arn]) {
                    Terminal.print("Rule \(name) sends to \(arn.string ?? "").")
                }
            }
        }

        private func topicARN(_ client: Client) async throws -> JSON {
            var request: JSON = ["name": .string(topic ?? name)]
            if !webhook.isEmpty { request["webhooks"] = .array(webhook.map(JSON.string)) }
            if !mail.isEmpty { request["mails"] = .array(mail.map(JSON.string)) }
            if let digest { request["digestSeconds"] = JSON(digest * 60) }
            return try await client.millrace("PutTopic", request)["topicArn"] ?? nil
        }
    }

    /// The command `millrace notifications rules delete`.
    struct DeleteRule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Delete a rule; its topic stays."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The rule's name.")
        var name: String

        func run() async throws {
            try await reporting {
                let client = try options.client
                let targets =
                    try await client.events("ListTargetsByRule", ["Rule": .string(name)])["Targets"]?.array ?? []
                if !targets.isEmpty {
                    let ids = targets.compactMap { $0["Id"] }
                    _ = try await client.events("RemoveTargets", ["Rule": .string(name), "Ids": .array(ids)])
                }
                let answer = try await client.events("DeleteRule", ["Name": .string(name)])
                options.show(answer) { Terminal.print("Rule \(name) is deleted.") }
            }
        }
    }
}

extension Client {
    fileprivate func events(_ operation: String, _ input: JSON = [:]) async throws -> JSON {
        try await call("AWSEvents", operation, input)
    }
}
