import ArgumentParser
import Foundation
import HTTPAPI
import JSON
import Personalize
import Recommenders

extension Evaluate {
    /// Without data there must be versions, and no option that only data has.
    func validateVersions() throws {
        guard data == nil else { return }
        guard versions != nil else {
            throw ValidationError("give a folder or a CSV file with data, or --versions of a running service")
        }
        guard html == nil, trials == 1, eventValueThreshold == nil, threads == nil else {
            throw ValidationError("--html, --trials, --threads and --event-value-threshold need a folder or a CSV file")
        }
    }

    /// The versions with their files, which must be on this machine.
    func openedVersions() async throws -> [EvaluatedVersion] {
        guard let versions else { return [] }
        let client = try client
        var opened: [EvaluatedVersion] = []
        for name in Self.list(versions) {
            let arn = try await client.solutionVersionARN(of: name)
            let files = try await client.millrace("DescribeSolutionVersionFiles", ["solutionVersionArn": .string(arn)])
            opened.append(try EvaluatedVersion(files))
        }
        return opened
    }

    /// Lets the service judge versions by its own data, and shows what it says.
    func showVersions() async throws {
        let client = try client
        var arns: [JSON] = []
        for name in Self.list(versions ?? "") { arns.append(.string(try await client.solutionVersionARN(of: name))) }
        var input: JSON = ["solutionVersionArns": .array(arns), "protocol": .string(holdOut.rawValue)]
        if let recipes { input["recipes"] = .array(Self.list(recipes).map { .string($0) }) }
        if let seed { input["seed"] = .string("\(seed)") }
        // Recipes beside them are trained, which takes as long as it takes.
        let patient = client.waiting(.seconds(7 * 24 * 3600))
        let answer = try await patient.millrace("EvaluateSolutionVersions", input)
        guard !json else { return Terminal.print(answer.prettyText) }
        let rows = (answer["table"]?.array ?? []).map { ($0.array ?? []).map { $0.string ?? "" } }
        guard let headings = rows.first else { return }
        var table = Table(headings)
        for row in rows.dropFirst() { table.add(row) }
        table.print()
        Terminal.print("\n\(answer["summary"]?.string ?? "")")
        for remark in answer["remarks"]?.array ?? [] { Terminal.print(remark.string ?? "") }
    }

    private var client: Client {
        get throws {
            var options = ClientOptions()
            options.endpoint = endpoint
            return try options.client
        }
    }
}
