import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace notifications …`.
struct NotificationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notifications",
        abstract: "See what was sent to whom, send again what could not be delivered, and keep rules of events.",
        subcommands: [ListNotifications.self, ResendNotification.self, TestNotification.self, RulesCommand.self],
        defaultSubcommand: ListNotifications.self
    )

    /// The command `millrace notifications list`.
    struct ListNotifications: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List notifications, newest first.",
            discussion: "PENDING ones are being tried; PARKED ones were given up after hours and wait for a resend."
        )

        @OptionGroup var options: ClientOptions
        @Option(help: "Only those with a status: PENDING, SENT, PARKED.")
        var status: String?
        @Option(name: [.customShort("n"), .long], help: "How many at most.")
        var limit = 20

        func run() async throws {
            try await reporting {
                var request: JSON = ["maxResults": .init(limit)]
                if let status { request["status"] = .string(status.uppercased()) }
                let answer = try await options.client.millrace("ListNotifications", request)
                options.show(answer) {
                    let notifications = answer["notifications"]?.array ?? []
                    guard !notifications.isEmpty else { return Terminal.print("No notifications.") }
                    var table = Table("Id", "Status", "Created", "To", "Tries", "Subject", "Last error")
                    for notification in notifications {
                        table.add(
                            notification["notificationId"]?.string ?? "",
                            Style.status(notification["status"]?.string ?? ""),
                            Moment.text(notification["publishDate"]),
                            notification["endpoint"]?.string ?? "",
                            "\(notification["attempts"]?.int ?? 0)",
                            notification["subject"]?.string ?? "",
                            notification["lastError"]?.string ?? ""
                        )
                    }
                    table.print()
                }
            }
        }
    }

    /// The command `millrace notifications resend`.
    struct ResendNotification: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resend",
            abstract: "Send a notification again, with the same id."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The id, from `millrace notifications list`.")
        var id: String

        func run() async throws {
            try await reporting {
                let answer = try await options.client.millrace("ResendNotification", ["notificationId": .string(id)])
                options.show(answer) { Terminal.print("\(id) will be sent again.") }
            }
        }
    }
}
