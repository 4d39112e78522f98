import ArgumentParser
import JSON

/// The command `millrace machines …`.
struct Machines: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See, create, change and test state machines.",
        discussion: """
            A MACHINE is a name or an ARN. Definitions are written in the Amazon States Language: the same files run \
            on AWS Step Functions.
            """,
        subcommands: [
            ListMachines.self, Show.self, Create.self, Update.self, DeleteMachine.self, Test.self,
        ],
        defaultSubcommand: ListMachines.self
    )
}

extension Machines {
    /// The command `millrace machines list`.
    struct ListMachines: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List state machines.")

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await reporting {
                let client = try options.client
                let machines = try await client.pages(
                    of: "stateMachines",
                    { try await $0.stepFunctions("ListStateMachines", $1) }
                )
                options.show(["stateMachines": .array(machines)]) {
                    var table = Table("Name", "Type", "Created", "Arn")
                    for machine in machines {
                        table.add(
                            machine["name"]?.string ?? "",
                            machine["type"]?.string ?? "",
                            Moment.text(machine["creationDate"]),
                            machine["stateMachineArn"]?.string ?? ""
                        )
                    }
                    table.print()
                }
            }
        }
    }

    /// The command `millrace machines show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one state machine and its definition.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "A name or an ARN.")
        var machine: String

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = try await ExecutionFinder(client: client).stateMachineARN(of: machine)
                let value = try await client.stepFunctions("DescribeStateMachine", ["stateMachineArn": .string(arn)])
                options.show(value) {
                    var table = Table(of: "State machine", value["name"]?.string ?? "")
                    table.add("Arn", arn)
                    table.add("Type", value["type"]?.string ?? "")
                    table.add("Status", Style.status(value["status"]?.string ?? ""))
                    table.add("Created", Moment.text(value["creationDate"]))
                    table.print()
                    Terminal.print("\n\(value["definition"]?.string ?? "")")
                }
            }
        }
    }

    /// The command `millrace machines create`.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a state machine from a definition.",
            discussion: "The same name and definition again is the same machine."
        )

        @OptionGroup var options: ClientOptions
        @Option(help: "STANDARD is durable and keeps its history; EXPRESS is quick and keeps none.")
        var type = "STANDARD"
        @Option(help: "The role that is written down with it; nothing here assumes it.")
        var role = "arn:aws:iam::000000000000:role/millrace"
        @Option(help: "Which events go to the log: ALL, ERROR, FATAL or OFF.")
        var logLevel = "OFF"
        @Option(help: "The log group; GROUP is the file logs/GROUP.jsonl in the home. NAME unless given.")
        var logGroup: String?
        @Argument(help: "A name, unique among the machines.")
        var name: String
        @Argument(help: "The definition: a file, or - for standard input.")
        var definition: String

        func run() async throws {
            try await reporting {
                var request: JSON = [
                    "name": .string(name), "definition": .string(try InputFile.text(at: definition)),
                    "roleArn": .string(role), "type": .string(type.uppercased()),
                ]
                if logLevel.uppercased() != "OFF" { request["loggingConfiguration"] = logging }
                let answer = try await options.client.stepFunctions("CreateStateMachine", request)
                options.show(answer) { Terminal.print(answer["stateMachineArn"]?.string ?? "") }
            }
        }

        private var logging: JSON {
            let arn = "arn:aws:logs:us-east-1:000000000000:log-group:\(logGroup ?? name):*"
            return [
                "level": .string(logLevel.uppercased()), "includeExecutionData": true,
                "destinations": [["cloudWatchLogsLogGroup": ["logGroupArn": .string(arn)]]],
            ]
        }
    }

    /// The command `millrace machines update`.
    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a state machine another definition.",
            discussion: "Executions that run go on with the definition they began with."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "A name or an ARN.")
        var machine: String
        @Argument(help: "The definition: a file, or - for standard input.")
        var definition: String

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = try await ExecutionFinder(client: client).stateMachineARN(of: machine)
                let request: JSON = [
                    "stateMachineArn": .string(arn), "definition": .string(try InputFile.text(at: definition)),
                ]
                let answer = try await client.stepFunctions("UpdateStateMachine", request)
                options.show(answer) { Terminal.print("Updated \(arn)") }
            }
        }
    }

    /// The command `millrace machines delete`.
    struct DeleteMachine: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Delete a state machine; its executions go on to their end."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "A name or an ARN.")
        var machine: String

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = try await ExecutionFinder(client: client).stateMachineARN(of: machine)
                let answer = try await client.stepFunctions("DeleteStateMachine", ["stateMachineArn": .string(arn)])
                options.show(answer) { Terminal.print("Deleted \(arn)") }
            }
        }
    }
}
