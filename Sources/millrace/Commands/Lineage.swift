import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace lineage`.
struct Lineage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell where a recommendation came from: campaign, version, configuration, seed, files.",
        discussion: """
            Every answer has a recommendationId, from which the campaign and the solution version that gave it can be \
            told, also after the campaign has moved to a newer version; of a recommender's answer the training. Of a version it is told what it was trained by, \
            and from which files: their hash, and the lines that were taken from each.

              millrace lineage RID-0000002a-0000-8030-9c1f-5d0e8b7a6f42
              millrace lineage RID-0000002a-0000-8030-9c1f-5d0e8b7a6f42 --json
            """
    )

    @OptionGroup var options: ClientOptions
    @Flag(help: "The same as --output json.")
    var json = false
    @Argument(help: "The recommendationId of an answer.")
    var id: String

    func run() async throws {
        try await reporting {
            let client = try options.client
            let answer = try await client.millrace("DescribeRecommendationLineage", ["recommendationId": .string(id)])
            guard !json else { return Terminal.print(answer.prettyText) }
            options.show(answer) {
                Self.facts(answer).print()
                Terminal.print("")
                Self.files(answer["data"]?.array ?? []).print()
            }
        }
    }

    static func facts(_ answer: JSON) -> Table {
        let version = answer["solutionVersion"] ?? [:]
        var table = Table(of: "Recommendation", answer["recommendationId"]?.string ?? "")
        if let recommender = answer["recommender"]?["arn"]?.string {
            table.add("Recommender", recommender)
        } else {
            table.add("Campaign", answer["campaign"]?["arn"]?.string ?? "deleted")
        }
        table.add("Version", version["solutionVersionArn"]?.string ?? "")
        table.add("Served", answer["isServed"]?.bool == true ? Style.green("still") : "no longer")
        for (label, member) in [
            ("Recipe", "recipeArn"), ("Training", "trainingMode"), ("Learnt on from", "baseVersionArn"),
            ("Seed", "trainingSeed"), ("Model", "modelHash"), ("Event type", "eventType"),
            ("Chosen because", "trainingReason"),
        ] {
            if let text = version[member]?.string { table.add(label, text) }
        }
        for (label, member) in [("Configuration", "solutionConfig"), ("Tuned", "tunedHPOParams")] {
            if let config = version[member] { table.add(label, config.text) }
        }
        return table
    }

    static func files(_ data: [JSON]) -> Table {
        var table = Table("Dataset", "Import", "File", "Lines", "Rows", "SHA-256")
        for source in data {
            let type = source["datasetType"]?.string ?? ""
            let job = source["datasetImportJob"]?["jobName"]?.string
            let files = source["datasetImportJob"]?["files"]?.array ?? []
            for file in files {
                let lines = file["firstLine"].map { "\($0.text)–\(file["lastLine"]?.text ?? "")" } ?? "none"
                table.add(
                    type,
                    job ?? "",
                    file["name"]?.string ?? "",
                    lines,
                    file["rowCount"]?.text ?? "",
                    file["sha256"]?.string ?? ""
                )
            }
            if files.isEmpty {
                let origin = source["ingestionMode"] == "PUT" ? "put one by one" : job ?? "of an earlier release"
                let snapshot = source["snapshot"]?.string ?? ""
                table.add(type, origin, "snapshot", "", source["rowCount"]?.text ?? "", snapshot)
            }
        }
        return table
    }
}
