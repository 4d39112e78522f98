import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace drift`.
struct Drift: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See how imported data differs from what the serving versions were trained on.",
        discussion: """
            A line a column, by the last import into each dataset. A score is a population stability index, less what chance \
            makes of it: below 0.1 little has changed, above 0.25 much has. That of the catalogue is the share of items that \
            are gone or new. What is done above a bound says the key "drift" of the configuration.
            """
    )

    @OptionGroup var options: ClientOptions
    @Argument(help: "The dataset group.")
    var group: String

    func run() async throws {
        try await reporting {
            let answer = try await options.client.millrace("DescribeDrift", ["datasetGroup": .string(group)])
            options.show(answer) { print(answer) }
        }
    }

    private func print(_ answer: JSON) {
        if let policy = answer["policy"] {
            Terminal.print("Above \(policy["threshold"]?.text ?? ""): \(policy["action"]?.string ?? "")")
        }
        let datasets = answer["datasets"]?.array ?? []
        guard !datasets.isEmpty else { return Terminal.print("Nothing was imported yet.") }
        for dataset in datasets {
            let name = dataset["datasetType"]?.string ?? ""
            let job = dataset["datasetImportJobArn"]?.string?.split(separator: "/").last ?? ""
            guard let reports = dataset["reports"]?.array else {
                Terminal.print("\n\(name): no version served when \(job) was imported")
                continue
            }
            for report in reports { print(report, of: name, String(job)) }
        }
    }

    private func print(_ report: JSON, of dataset: String, _ job: String) {
        let versions = (report["solutionVersionArns"]?.array ?? []).compactMap(\.string)
            .map { $0.split(separator: "/", maxSplits: 1).last.map(String.init) ?? $0 }
        let rows = report["rows"]
        Terminal.print(
            "\n\(dataset): score \(report["score"]?.text ?? ""), \(job) (\(rows?["current"]?.text ?? "") records) beside "
                + "\(versions.joined(separator: ", ")) (\(rows?["reference"]?.text ?? ""))"
        )
        var table = Table("Score", "Column", "Compared", "Empty before", "Now", "Greatest change")
        for line in report["columns"]?.array ?? [] {
            table.add(
                line["score"]?.text ?? "",
                line["name"]?.string ?? "",
                line["kind"]?.string ?? "",
                Self.percent(line["nullShare"]?["reference"]),
                Self.percent(line["nullShare"]?["current"]),
                line["remark"]?.string ?? ""
            )
        }
        table.print()
    }

    private static func percent(_ share: JSON?) -> String {
        share?.double.map { "\(Int(($0 * 100).rounded()))%" } ?? ""
    }
}
