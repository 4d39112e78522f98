import ArgumentParser
import Foundation
import HTTPAPI
import JSON

/// The command `millrace metrics`.
struct Metrics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See what recommendations led to: a metric attribution's counts and sums by source and window.",
        discussion: """
            The newest windows come first; one is fifteen minutes long and is credited to the campaign, the recommender \
            or the third party that its events name.
            """
    )

    @OptionGroup var options: ClientOptions
    @Argument(help: "The name or ARN of the metric attribution; may be left out where there is one only.")
    var attribution: String?
    @Option(help: "Only the windows of so many hours past.")
    var hours: Double?
    @Option(name: [.customShort("n"), .long], help: "How many rows at most.")
    var limit = 100

    func validate() throws {
        if let hours, !(hours > 0 && hours < 1_000_000) { throw ValidationError("--hours must be above zero") }
        if !(1...10_000).contains(limit) { throw ValidationError("--limit must be from 1 to 10000") }
    }

    func run() async throws {
        try await reporting {
            let client = try options.client
            let arn = try await client.metricAttributionARN(of: attribution)
            var request: JSON = ["metricAttributionArn": .string(arn), "maxResults": .init(limit)]
            if let hours { request["startTime"] = .double((Date().timeIntervalSince1970 - hours * 3600).rounded()) }
            let answer = try await client.millrace("ListMetricWindows", request)
            options.show(answer) { print(answer["windows"]?.array ?? []) }
        }
    }

    private func print(_ windows: [JSON]) {
        guard !windows.isEmpty else { return Terminal.print("No events of these metrics yet.") }
        var table = Table("Window", "Metric", "Event type", "Value", "Function", "By", "Source")
        for window in windows {
            table.add(
                Moment.text(window["timestamp"]),
                window["metricName"]?.string ?? "",
                window["eventType"]?.string ?? "",
                window["value"]?.double.map { "\($0)" } ?? "",
                window["expression"]?.string ?? "",
                window["importMethod"]?.string ?? "",
                window["eventAttributionSource"]?.string ?? ""
            )
        }
        table.print()
    }
}

extension Client {
    /// The ARN of a metric attribution by name or ARN, or of the only one there is.
    fileprivate func metricAttributionARN(of name: String?) async throws -> String {
        if let name, name.hasPrefix("arn:") { return name }
        let known = try await pages(
            of: "metricAttributions",
            { try await $0.personalize("ListMetricAttributions", $1) },
            input: ["maxResults": 100]
        )
        let names = known.compactMap { $0["name"]?.string }
        let chosen = name ?? (names.count == 1 ? names[0] : nil)
        let found = known.first { chosen != nil && $0["name"]?.string == chosen }
        if let arn = found?["metricAttributionArn"]?.string { return arn }
        guard !names.isEmpty else { throw CommandError(message: "there is no metric attribution yet; create one") }
        let fact = name.map { "no metric attribution is named \"\($0)\"" } ?? "a metric attribution must be named"
        throw CommandError(message: "\(fact), there are \(names.joined(separator: ", "))")
    }
}
