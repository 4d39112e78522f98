import ArgumentParser
import HTTPAPI
import JSON

extension NotificationsCommand {
    /// The command `millrace notifications test`.
    struct TestNotification: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Send one notice now and show what its receiver answers.",
            discussion: """
                It goes to everybody who hears of a dataset group's runs, or to one URL or address. Nothing is tried again, \
                and digests are not waited for. The exit code is 1 when somebody could not be reached.
                """
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The dataset group whose listeners are told.")
        var group: String?
        @Option(help: ArgumentHelp("A URL instead.", valueName: "url"))
        var webhook: String?
        @Option(help: ArgumentHelp("A mail address instead.", valueName: "address"))
        var mail: String?

        func validate() throws {
            let count = [group, webhook, mail].count { $0 != nil }
            guard count == 1 else { throw ValidationError("name a dataset group, or give --webhook or --mail") }
        }

        func run() async throws {
            try await reporting {
                var request: JSON = [:]
                request["datasetGroup"] = group.map(JSON.string)
                request["webhook"] = webhook.map(JSON.string)
                request["mail"] = mail.map(JSON.string)
                let answer = try await options.client.millrace("TestNotification", request)
                let results = answer["results"]?.array ?? []
                options.show(answer) {
                    for result in results {
                        let mark = result["isTaken"]?.bool == true ? "sent to" : "not taken by"
                        Terminal.print("\(mark) \(result["endpoint"]?.string ?? ""): \(result["answer"]?.string ?? "")")
                    }
                }
                guard results.allSatisfy({ $0["isTaken"]?.bool == true }) else { throw ExitCode(1) }
            }
        }
    }
}
