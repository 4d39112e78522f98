import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace replay`.
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a solution version again and see whether the model is the same, byte by byte.",
        discussion: """
            The service trains from the data, the configuration and the seed that were recorded when the version was \
            made, and compares the hashes of the models: the recorded one, the new one and that of the file in use. \
            Nothing is changed. Ends with 1 when they differ.

              millrace replay films-personalize
              millrace replay films-personalize/1a2b3c4d
            """
    )

    @OptionGroup var options: ClientOptions
    @Argument(help: "The version: its ARN, solution/id, or the name of the solution for its newest version.")
    var version: String

    func run() async throws {
        try await reporting {
            let client = try options.client
            let arn = try await client.solutionVersionARN(of: version)
            // A training takes as long as it takes.
            let patient = client.waiting(.seconds(7 * 24 * 3600))
            let answer = try await patient.millrace("ReplaySolutionVersion", ["solutionVersionArn": .string(arn)])
            let isIdentical = answer["isIdentical"]?.bool == true
            options.show(answer) {
                var table = Table(of: "Solution version", arn)
                table.add("Recorded", answer["recordedHash"]?.string ?? "")
                table.add("Replayed", answer["replayedHash"]?.string ?? "")
                table.add("File", answer["fileHash"]?.string ?? "")
                table.add("Seed", answer["seed"]?.string ?? "")
                table.add("Verdict", isIdentical ? Style.green("identical") : Style.red("different"))
                table.print()
            }
            guard isIdentical else { throw MillraceExit.failure }
        }
    }
}

extension Client {
    /// The ARN of a solution version by its ARN, by `solution/id`, or by its solution's name for the newest.
    func solutionVersionARN(of name: String) async throws -> String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        if name.hasPrefix("arn:"), parts.count > 2 { return name }
        let solution = try await solutionARN(of: name.hasPrefix("arn:") ? name : String(parts[0]))
        if parts.count == 2, !name.hasPrefix("arn:") { return "\(solution)/\(parts[1])" }
        let answer = try await personalize("DescribeSolution", ["solutionArn": .string(solution)])
        guard let arn = answer["solution"]?["latestSolutionVersion"]?["solutionVersionArn"]?.string else {
            throw CommandError(message: "solution \"\(name)\" has no version yet")
        }
        return arn
    }

    private func solutionARN(of name: String) async throws -> String {
        if name.hasPrefix("arn:") { return name }
        let solutions = try await pages(
            of: "solutions",
            { try await $0.personalize("ListSolutions", $1) },
            input: ["maxResults": 100]
        )
        let found = solutions.first { $0["name"]?.string == name }
        if let arn = found?["solutionArn"]?.string { return arn }
        let names = solutions.compactMap { $0["name"]?.string }
        let known = names.isEmpty ? "there is none yet" : "there are \(names.joined(separator: ", "))"
        let hint = NearestName.find(name, among: names).map { "did you mean \"\($0)\"?" } ?? known
        throw CommandError(message: "no solution is named \"\(name)\", \(hint)")
    }
}
