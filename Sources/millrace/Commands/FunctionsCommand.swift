import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace functions …`.
struct FunctionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "functions",
        abstract: "List, show and invoke functions, and read their logs.",
        discussion: """
            A function is a folder NAME with a function.json in the folder "functions" of the home, or is made by \
            Lambda's CreateFunction.
            """,
        subcommands: [ListFunctions.self, ShowFunction.self, InvokeFunction.self, FunctionLogs.self],
        defaultSubcommand: ListFunctions.self
    )

    /// The command `millrace functions list`.
    struct ListFunctions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the functions.")

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await reporting {
                let answer = try await options.client.millrace("ListFunctions")
                let functions = answer["Functions"]?.array ?? []
                options.show(answer) {
                    var table = Table("Name", "Runtime", "Handler", "Timeout", "Memory", "Events waiting", "failed")
                    for function in functions {
                        table.add(
                            function["FunctionName"]?.string ?? "",
                            function["Runtime"]?.string ?? "",
                            function["Handler"]?.string ?? "",
                            "\(function["Timeout"]?.int ?? 0) s",
                            "\(function["MemorySize"]?.int ?? 0) MiB",
                            "\(function["events"]?["waiting"]?.int ?? 0)",
                            "\(function["events"]?["failed"]?.int ?? 0)"
                        )
                    }
                    if functions.isEmpty { Terminal.print("No functions.") } else { table.print() }
                    for fault in answer["faults"]?.array ?? [] { Terminal.print(fault.string ?? "") }
                }
            }
        }
    }

    /// The command `millrace functions show`.
    struct ShowFunction: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a function.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "The function's name or ARN.")
        var name: String

        func run() async throws {
            try await reporting {
                let answer = try await options.client.millrace("DescribeFunction", ["FunctionName": .string(name)])
                Terminal.print(answer.prettyText)
            }
        }
    }

    /// The command `millrace functions invoke`.
    struct InvokeFunction: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "invoke",
            abstract: "Invoke a function and print its answer; the end of its log goes to standard error.",
            discussion: "Example: millrace functions invoke resize '{\"width\": 40}'"
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The function's name or ARN.")
        var name: String
        @Argument(help: "What it is given: JSON, a file with it, or - for standard input.")
        var payload = "{}"

        func run() async throws {
            try await reporting {
                let input: JSON = ["FunctionName": .string(name), "Payload": try InputFile.jsonOrText(payload)]
                let answer = try await options.client.millrace("InvokeFunction", input)
                Terminal.warn(answer["log"]?.string ?? "")
                Terminal.print((answer["Payload"] ?? .null).prettyText)
                if answer["isError"]?.bool == true { throw ExitCode.failure }
            }
        }
    }

    /// The command `millrace functions logs`.
    struct FunctionLogs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "logs",
            abstract: "Print the last lines that a function has written."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The function's name or ARN.")
        var name: String
        @Option(name: [.customShort("n"), .long], help: "How many lines.")
        var count = 100

        func run() async throws {
            try await reporting {
                let input: JSON = ["FunctionName": .string(name), "limit": .init(count)]
                let answer = try await options.client.millrace("GetFunctionLog", input)
                options.show(answer) {
                    for line in answer["lines"]?.array ?? [] {
                        let request = line["requestId"]?.string?.prefix(8) ?? ""
                        Terminal.print("\(Moment.text(line["time"])) \(request) \(line["message"]?.string ?? "")")
                    }
                }
            }
        }
    }
}
