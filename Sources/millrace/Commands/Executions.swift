import ArgumentParser
import Foundation
import HTTPAPI
import JSON

/// The command `millrace executions …`.
struct Executions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See, start, stop and redrive executions.",
        discussion: "An EXECUTION is a name, an ARN, or \"latest\" (the default where it may be left out).",
        subcommands: [
            ListExecutions.self, Show.self, History.self, Watch.self, Start.self, Stop.self, Redrive.self, Diff.self,
        ],
        defaultSubcommand: ListExecutions.self
    )
}

extension Executions {
    /// The command `millrace executions list`.
    struct ListExecutions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List executions, newest first.")

        @OptionGroup var options: ClientOptions
        @Option(help: "Only those with a status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED.")
        var status: String?
        @Option(help: "Only those of one state machine.")
        var stateMachine: String?
        @Option(name: [.short, .customLong("limit")], help: "How many at most.")
        var limit = 20

        func run() async throws {
            try await reporting {
                let finder = ExecutionFinder(client: try options.client)
                let executions = try await finder.list(stateMachine: stateMachine, status: status, limit: limit)
                options.show(["executions": .array(executions)]) { print(executions) }
            }
        }

        private func print(_ executions: [JSON]) {
            guard !executions.isEmpty else {
                return Terminal.print("No executions yet. Drop a params.json to start one.")
            }
            var table = Table("Name", "State machine", "Status", "Started", "Took")
            for execution in executions {
                table.add(
                    execution["name"]?.string ?? "",
                    execution["stateMachineArn"]?.string?.split(separator: ":").last.map(String.init) ?? "",
                    Style.status(execution["status"]?.string ?? ""),
                    Moment.text(execution["startDate"]),
                    Moment.duration(from: execution["startDate"], to: execution["stopDate"])
                )
            }
            table.print()
        }
    }

    /// The command `millrace executions show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one execution: status, error, input, output.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "A name, an ARN or \"latest\".")
        var execution = "latest"

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = try await ExecutionFinder(client: client).arn(of: execution)
                let value = try await client.stepFunctions("DescribeExecution", ["executionArn": .string(arn)])
                options.show(value) { print(value) }
            }
        }

        /// How to go on after an end that was none.
        private static func advice(_ value: JSON) -> String? {
            let name = value["name"]?.string ?? ""
            let isPipeline = value["stateMachineArn"]?.string?.hasSuffix(":deploy") == true
            return switch value["status"]?.string {
            case "FAILED" where isPipeline: "Correct the cause and drop params.json again."
            case "FAILED", "ABORTED", "TIMED_OUT": "Go on where it ended with: millrace executions redrive \(name)"
            default: nil
            }
        }

        private func print(_ value: JSON) {
            var table = Table(of: "Execution", value["name"]?.string ?? "")
            table.add("Arn", value["executionArn"]?.string ?? "")
            table.add("Status", Style.status(value["status"]?.string ?? ""))
            table.add("Started", Moment.text(value["startDate"]))
            table.add("Took", Moment.duration(from: value["startDate"], to: value["stopDate"]))
            if let count = value["redriveCount"]?.int, count > 0 { table.add("Redriven", "\(count)×") }
            if let error = value["error"]?.string { table.add("Error", Style.red(error)) }
            table.print()
            if let cause = value["cause"]?.string { Terminal.print("\n\(Style.bold("Cause"))\n\(cause)") }
            for key in ["input", "output"] {
                guard let text = value[key]?.string else { continue }
                let pretty = (try? JSON(parsing: text).prettyText) ?? text
                Terminal.print("\n\(Style.bold(key.capitalized))\n\(pretty)")
            }
            if let advice = Self.advice(value) { Terminal.print("\n\(advice)") }
        }
    }

    /// The command `millrace executions history`.
    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show every event of an execution.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "A name, an ARN or \"latest\".")
        var execution = "latest"
        @Flag(help: "Newest first.")
        var reverse = false

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = try await ExecutionFinder(client: client).arn(of: execution)
                let input: JSON = ["executionArn": .string(arn), "maxResults": 1000, "reverseOrder": .bool(reverse)]
                let events = try await client.pages(
                    of: "events",
                    { try await $0.stepFunctions("GetExecutionHistory", $1) },
                    input: input
                )
                options.show(["events": .array(events)]) {
                    var table = Table("Id", "Time", "Type", "What")
                    for event in events {
                        table.add(
                            "\(event["id"]?.int ?? 0)",
                            Moment.time(event["timestamp"]),
                            event["type"]?.string ?? "",
                            EventText.text(of: event).truncated(to: max(30, Terminal.width - 56))
                        )
                    }
                    table.print()
                }
            }
        }
    }

    /// The command `millrace executions watch`.
    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Follow an execution to its end, with the progress of imports and training.",
            discussion: "Ends with 0 when the execution succeeds, with 2 when it does not."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "A name, an ARN or \"latest\".")
        var execution = "latest"

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = try await ExecutionFinder(client: client).arn(of: execution)
                var watcher = ExecutionWatcher(client: client, executionARN: arn, format: options.output)
                let status = try await watcher.watch()
                guard status == "SUCCEEDED" else { throw MillraceExit.executionFailed }
            }
        }
    }

    /// The command `millrace executions start`.
    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start an execution of a state machine.",
            discussion: """
                A drop of params.json starts the pipeline by itself; this is for any other machine or input. With --sync \
                an Express machine runs to its end and its output is printed; it ends with 2 when it does not succeed.
                """
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The name or ARN of the state machine.")
        var stateMachine: String
        @Option(help: "The input as JSON text, or @FILE.")
        var input = "{}"
        @Option(help: "A name for the execution; made up where not given.")
        var name: String?
        @Flag(help: "Wait for the end and print the output; for Express machines.")
        var sync = false

        func run() async throws {
            try await reporting {
                let client = try options.client
                let machine = try await ExecutionFinder(client: client).stateMachineARN(of: stateMachine)
                var request: JSON = ["stateMachineArn": .string(machine), "input": .string(try inputText())]
                if let name { request["name"] = .string(name) }
                guard sync else {
                    let answer = try await client.stepFunctions("StartExecution", request)
                    return options.show(answer) { Terminal.print(answer["executionArn"]?.string ?? "") }
                }
                let answer = try await client.stepFunctions("StartSyncExecution", request)
                options.show(answer) { print(answer) }
                guard answer["status"] == "SUCCEEDED" else { throw MillraceExit.executionFailed }
            }
        }

        private func print(_ answer: JSON) {
            if let output = answer["output"]?.string { return Terminal.print(output) }
            let fault = [answer["error"], answer["cause"]].compactMap { $0?.string }.joined(separator: ": ")
            Terminal.print("\(Style.status(answer["status"]?.string ?? "")) \(fault)")
        }

        private func inputText() throws -> String {
            guard input.hasPrefix("@") else { return input }
            let path = String(input.dropFirst())
            guard let data = FileManager.default.contents(atPath: path) else {
                throw CommandError(message: "cannot read the input file \"\(path)\"", exit: MillraceExit.invalidData)
            }
            return String(decoding: data, as: UTF8.self)
        }
    }

    /// The command `millrace executions stop`.
    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop a running execution.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "A name, an ARN or \"latest\".")
        var execution: String
        @Option(help: "An error name to record.")
        var error: String?
        @Option(help: "A cause to record.")
        var cause: String?

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = try await ExecutionFinder(client: client).arn(of: execution)
                var request: JSON = ["executionArn": .string(arn)]
                if let error { request["error"] = .string(error) }
                if let cause { request["cause"] = .string(cause) }
                let answer = try await client.stepFunctions("StopExecution", request)
                options.show(answer) { Terminal.print("Stopped \(arn)") }
            }
        }
    }

    /// The command `millrace executions redrive`.
    struct Redrive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go on with a failed, stopped or timed-out execution from the state that failed.",
            discussion: """
                What succeeded before is not done again. With --definition it goes on under an edited definition, which \
                must still have the states it is in; with --input the state that failed gets another input. The state \
                machine itself stays as it is.
                """
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "A name, an ARN or \"latest\".")
        var execution = "latest"
        @Option(help: "The definition to go on with: a file, or - for standard input.")
        var definition: String?
        @Option(help: "The input of the state that failed: a file, or JSON text that begins with { or [.")
        var input: String?

        func run() async throws {
            try await reporting {
                let client = try options.client
                let arn = try await ExecutionFinder(client: client).arn(of: execution)
                var request: JSON = ["executionArn": .string(arn)]
                if let definition { request["definition"] = .string(try InputFile.text(at: definition)) }
                if let input { request["input"] = .string(try InputFile.jsonOrText(input).text) }
                let answer = try await client.millrace("RedriveExecution", request)
                options.show(answer) { Terminal.print("Redriving; follow it with: millrace executions watch \(arn)") }
            }
        }
    }
}
