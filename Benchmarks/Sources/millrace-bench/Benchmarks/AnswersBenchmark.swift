import Foundation
import JSON
import Personalize

/// How much processor time an answer with recommendations takes, from the text of its request to its own text.
struct AnswersBenchmark {
    /// The users of the example.
    private static let userCount = 610
    private static let filters = [
        ("no filter", nil),
        ("what was met", "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"*\")"),
        ("a genre", "EXCLUDE ItemID WHERE Items.GENRES IN (\"Horror\")"),
    ]

    let workspace: Workspace

    func measure() async throws -> [Measurement] {
        let folder = try workspace.subdirectory("answers")
        defer { try? workspace.remove(folder) }
        let params = try JSON(parsing: String(contentsOfFile: "\(workspace.example)/params.json", encoding: .utf8))
        let schemas = try ["Interactions", "Items"].map { type in
            guard let schema = params["datasets"]?[type]?["schema"] else {
                throw BenchmarkError("the example has no schema of \(type)")
            }
            return (type: type, schema: schema)
        }
        return try await TrainedService.with(bucket: workspace.example, home: folder, schemas: schemas) { trained in
            let input: JSON = ["name": "bench", "solutionVersionArn": trained.version]
            let campaign = try await trained.create("CreateCampaign", input)
            var requests: [[[UInt8]]] = []
            for (index, (_, expression)) in Self.filters.enumerated() {
                let filter: JSON? =
                    if let expression {
                        try await trained.create(
                            "CreateFilter",
                            [
                                "name": .string("filter-\(index)"), "datasetGroupArn": trained.group,
                                "filterExpression": .string(expression),
                            ]
                        )
                    } else { nil }
                requests.append((1...Self.userCount).map { Self.request(user: $0, campaign, filter) })
            }
            return try Self.measure(trained.service.runtime, requests)
        }
    }

    private static func request(user: Int, _ campaign: JSON, _ filter: JSON?) -> [UInt8] {
        var input: JSON = ["campaignArn": campaign, "userId": .string("\(user)"), "numResults": 25]
        input["filterArn"] = filter
        return input.utf8
    }

    /// The kinds of requests take turns; of each the median of its rounds counts.
    private static func measure(_ runtime: PersonalizeRuntime, _ requests: [[[UInt8]]]) throws -> [Measurement] {
        var kinds = zip(filters, requests).map { filter, requests in
            Kind(name: filter.0, requests: requests) { try runtime.getRecommendationsText($0) }
        }
        kinds.append(
            Kind(name: "no filter, by way of a value", requests: requests[0]) {
                try runtime.getRecommendations($0).utf8
            }
        )
        // The first round finds what is kept for those after it.
        for index in kinds.indices { try kinds[index].run() }
        for index in kinds.indices { kinds[index].rounds = [] }
        for _ in 0..<20 { for index in kinds.indices { try kinds[index].run() } }
        let figures = kinds.map { Distribution($0.rounds).median }
        return zip(kinds, figures).map { kind, figure in
            Measurement(
                "an answer, \(kind.name)",
                figure,
                "µs",
                method: "processor time of one thread from request text to answer text, top 25 of 9,724 items for 610 "
                    + "users in turn, median of 20 rounds; \((figure / figures[0]).rounded3) × that without a filter"
            )
        }
    }

    /// Requests of one kind, and how long an answer has taken in each round, in microseconds.
    private struct Kind {
        let name: String
        let requests: [[UInt8]]
        var rounds: [Double] = []
        let answer: (JSON) throws -> [UInt8]

        init(name: String, requests: [[UInt8]], answer: @escaping (JSON) throws -> [UInt8]) {
            self.name = name
            self.requests = requests
            self.answer = answer
        }

        mutating func run() throws {
            let start = ProcessorTime.seconds
            for _ in 0..<4 {
                for request in requests {
                    let text = try answer(JSON(parsing: request))
                    guard text.count > 500 else { throw BenchmarkError("the answer is short: \(text)") }
                }
            }
            rounds.append((ProcessorTime.seconds - start) * 1_000_000 / Double(4 * requests.count))
        }
    }
}
