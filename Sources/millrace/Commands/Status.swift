import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace status`.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the service watches, runs and serves.",
        discussion: "Ends with 69 when the service is not running."
    )

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await reporting {
            let client = try options.client
            let status = try await client.millrace("DescribeService")
            options.show(status) { print(status) }
        }
    }

    private func print(_ status: JSON) {
        var table = Table(of: "Millrace", status["version"]?.string ?? "")
        table.add("Home", status["home"]?.string ?? "")
        for bucket in status["buckets"]?.array ?? [] {
            table.add("Bucket", "s3://\(bucket["name"]?.string ?? "") = \(bucket["path"]?.string ?? "")")
        }
        for drop in status["waitingDrops"]?.array ?? [] {
            table.add("Waiting", "\(drop["location"]?.string ?? ""): \(drop["reason"]?.string ?? "")")
        }
        for key in ["runningExecutions", "campaigns", "schedules", "pendingNotifications", "parkedNotifications"] {
            table.add(Self.labels[key] ?? key, "\(status[key]?.int ?? 0)")
        }
        table.print()
    }

    private static let labels = [
        "runningExecutions": "Running executions", "campaigns": "Campaigns", "schedules": "Schedules",
        "pendingNotifications": "Notifications on their way", "parkedNotifications": "Notifications parked",
    ]
}
