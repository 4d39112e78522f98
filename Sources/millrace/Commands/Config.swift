public import ArgumentParser
import HTTPAPI
import JSON
public import Pipeline

/// The command `millrace config …`.
struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn configurations of one shape into another, and write down what runs.",
        subcommands: [Convert.self, Export.self]
    )

    /// The command `millrace config convert`.
    struct Convert: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a configuration in another shape; what that cannot say is told on standard error.",
            discussion: "No service need run. Ends with 65 when the file is not valid."
        )

        @Option(name: .customLong("to"), help: "sample, sample2 or mpe.")
        var shape: ConfigurationShape
        @Argument(help: "The file; - is standard input.")
        var file: String

        func run() async throws {
            try await reporting {
                let value = try InputFile.json(at: file)
                do throws(ConfigurationError) {
                    Config.show(try ParamsFile.read(value, key: file).written(as: shape))
                } catch {
                    throw CommandError(message: "\(file) is not valid:\n\(error)", exit: MillraceExit.invalidData)
                }
            }
        }
    }

    /// The command `millrace config export`.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a dataset group that runs as a configuration.",
            discussion: "Importing modes and what batch jobs ask for are not kept with a group, so add them."
        )

        @OptionGroup var options: ClientOptions
        @Option(name: .customLong("to"), help: "sample, sample2 or mpe.")
        var shape = ConfigurationShape.mpe
        @Argument(help: "The name of the dataset group.")
        var datasetGroup: String

        func run() async throws {
            try await reporting {
                let answer = try await options.client.millrace(
                    "ExportConfiguration",
                    ["name": .string(datasetGroup), "shape": .string(shape.rawValue)]
                )
                Terminal.print((answer["configuration"] ?? [:]).prettyText)
                for remark in answer["remarks"]?.array ?? [] { Terminal.warn(remark.string ?? "") }
            }
        }
    }

    private static func show(_ written: WrittenConfiguration) {
        Terminal.print(written.json.prettyText)
        for remark in written.remarks { Terminal.warn("\(Style.yellow("note:")) \(remark)") }
    }
}

extension ConfigurationShape: ExpressibleByArgument {}
