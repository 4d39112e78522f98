import ArgumentParser
import Foundation
import HTTPAPI
import JSON

/// Where the service is, for every command that asks it something.
struct ClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the service listens (environment: MILLRACE_ENDPOINT; default: http://127.0.0.1:8650).",
            valueName: "url"
        )
    )
    var endpoint: String?

    @Option(help: "How to print: table for people, json for scripts.")
    var output: OutputFormat = .table

    var client: Client {
        get throws { try client(timeout: .seconds(60)) }
    }

    /// A client whose calls may take so long.
    func client(timeout: Duration) throws -> Client {
        let text = endpoint ?? ProcessInfo.processInfo.environment["MILLRACE_ENDPOINT"] ?? "http://127.0.0.1:8650"
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
            url.host() != nil
        else {
            throw ValidationError("the endpoint \"\(text)\" must be a URL such as http://127.0.0.1:8650")
        }
        let key = try Settings.clientKey(environment: ProcessInfo.processInfo.environment)
        return Client(endpoint: url, timeout: timeout, signing: key.map(Client.Signing.init))
    }

    /// Prints JSON where that was asked for; otherwise a table made by a closure.
    func show(_ value: JSON, table: () -> Void) {
        switch output {
        case .json: Terminal.print(value.prettyText)
        case .table: table()
        }
    }
}

/// How to print an answer.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json
}

extension Client {
    func stepFunctions(_ operation: String, _ input: JSON = [:]) async throws -> JSON {
        try await call("AWSStepFunctions", operation, input)
    }

    func personalize(_ operation: String, _ input: JSON = [:]) async throws -> JSON {
        try await call("AmazonPersonalize", operation, input)
    }

    func millrace(_ operation: String, _ input: JSON = [:]) async throws -> JSON {
        try await call("Millrace", operation, input)
    }

    /// All the pages of a list, as one array.
    func pages(
        of key: String,
        limit: Int = .max,
        _ fetch: (Client, JSON) async throws -> JSON,
        input: JSON = [:]
    ) async throws -> [JSON] {
        var values: [JSON] = []
        var input = input
        repeat {
            let page = try await fetch(self, input)
            values += page[key]?.array ?? []
            input["nextToken"] = page["nextToken"] ?? .null
        } while input["nextToken"]?.string != nil && values.count < limit
        return Array(values.prefix(limit))
    }
}
