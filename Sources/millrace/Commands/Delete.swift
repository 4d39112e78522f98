import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace delete`.
struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete a dataset group with its schedules, campaigns, solutions, datasets and filters.",
        discussion: "Files in the bucket stay. The work is done by the state machine \"delete\"."
    )

    @OptionGroup var options: ClientOptions
    @Argument(help: "The name of the dataset group.")
    var datasetGroup: String

    func run() async throws {
        try await reporting {
            let answer = try await options.client.millrace("DeleteDatasetGroup", ["name": .string(datasetGroup)])
            options.show(answer) {
                Terminal.print("Deleting \(datasetGroup); follow it with: millrace executions watch")
            }
        }
    }
}
