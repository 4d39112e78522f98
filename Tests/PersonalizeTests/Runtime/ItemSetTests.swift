import FoundationEssentials
import JSON
import Personalize
import SQLiteStore
import Synchronization
import TestSupport
import Testing

/// Recommendations to tastes rather than users, and their answers joined into a database.
@Suite struct ItemSetTests {
    private func serving<T: Sendable>(
        _ recipe: String = "millrace-neighbors",
        answers: any AnswerDatabase = SQLiteAnswers(),
        _ body: @Sendable (ServiceUnderTest, String) async throws -> T
    ) async throws -> T {
        let test = try ServiceUnderTest(answers: answers)
        return try await test.running {
            try await test.prepareFilms()
            return try await body(test, try await test.serve("taste", recipe: recipe))
        }
    }

    @Test func `who likes items of one camp is recommended others of it, with what is known of them`() async throws {
        try await serving { test, campaign in
            let answer = try test.service.runtime.recommendForItems([
                "campaignArn": .string(campaign), "itemIds": ["i4", "i6", "nothing", "i4"], "numResults": 3,
                "metadataColumns": ["GENRES"],
            ])
            #expect(answer["items"]?.array?.map { $0["itemId"] } == ["i4", "i6", "nothing"])
            #expect(answer["items"]?[0]?["metadata"]?["GENRES"] == "drama|war")
            #expect(answer["unknownItemIds"] == ["nothing"])
            let items = answer["itemList"]?.array ?? []
            #expect(items.count == 3)
            for item in items {
                #expect(item["metadata"]?["GENRES"] == "drama|war")
                #expect(!["i4", "i6"].contains(item["itemId"]?.string ?? ""))
            }
            let version = answer["solutionVersionArn"]?.string
            #expect(version == test.service.runtime.servedVersion(campaign))
            let lineage = try await test.service.lineage(answer["recommendationId"]?.string ?? "")
            #expect(lineage["solutionVersion"]?["solutionVersionArn"]?.string == version)
        }
    }

    @Test func `many tastes are answered as one by one`() async throws {
        try await serving { test, campaign in
            let sets: [JSON] = [["i1", "i3"], ["i2", "i8"], []]
            let answers = try test.service.runtime.recommendForItemSets([
                "campaignArn": .string(campaign), "itemIdSets": .array(sets), "numResults": 4,
            ])["answers"]
            for (index, set) in sets.enumerated() {
                let one = try test.service.runtime.recommendForItems([
                    "campaignArn": .string(campaign), "itemIds": set, "numResults": 4,
                ])
                #expect(
                    answers?[index]?["recommendedItems"]?.array == one["itemList"]?.array?.compactMap { $0["itemId"] }
                )
            }
        }
    }

    @Test func `a taste that is none is refused, and a campaign that has no use for one`() async throws {
        try await serving { test, campaign in
            for input in [
                ["itemIds": "i1"], ["itemIds": [1]], ["itemIds": ["i1"], "numResults": 0],
                ["itemIds": ["i1"], "metadataColumns": ["COLOUR"]],
            ] as [JSON] {
                var input = input
                input["campaignArn"] = .string(campaign)
                #expect(throws: PersonalizeError.self, "\(input)") { try test.service.runtime.recommendForItems(input) }
            }
            let related = try await test.serve("related", recipe: "aws-sims")
            #expect(throws: PersonalizeError.self) {
                try test.service.runtime.recommendForItems(["campaignArn": .string(related), "itemIds": ["i1"]])
            }
        }
    }

    /// Keeps the rows of a table once they have all come, as a database does.
    private final class Kept: AnswerDatabase {
        let rows = Mutex<[AnswerRow]>([])

        func write(_ table: AnswerTable, to path: String, next: () throws -> [AnswerRow]) throws {
            var all: [AnswerRow] = []
            while case let more = try next(), !more.isEmpty { all += more }
            rows.withLock { $0 = all }
        }
    }

    @Test func `answers in files are joined into one table, or nothing is written`() async throws {
        let kept = Kept()
        try await serving(answers: kept) { test, campaign in
            let version = test.service.runtime.servedVersion(campaign) ?? ""
            func publish(_ run: String) async throws -> JSON {
                try await test.service.publishAnswers([
                    "source": .string("s3://bucket/answers/\(run)/"), "database": "s3://bucket/out/answers.sqlite",
                    "run": .string(run), "solutionVersionArn": .string(version),
                ])
            }
            try test.directory.write(
                #"{"itemIds": ["i9", "i10"], "recommendedItems": ["i1", "i2"], "scores": [0.5, null]}"# + "\n\n",
                to: "bucket/answers/one/0.jsonl"
            )
            try test.directory.write(
                #"{"itemIds": ["i3"], "recommendedItems": ["i5"], "scores": [1]}"#
                    + "\n" + #"{"itemIds": ["i4"], "recommendedItems": []}"#,
                to: "bucket/answers/one/1.jsonl"
            )
            let published = try await publish("one")
            #expect(published["table"] == "recommendations_one")
            #expect(published["questionCount"] == 2)
            #expect(published["rowCount"] == 3)
            try test.directory.write(
                #"{"itemIds": ["i3"], "recommendedItems": ["i7"]}"#,
                to: "bucket/answers/two/0.jsonl"
            )
            try test.directory.write("{", to: "bucket/answers/two/1.jsonl")
            let error = await #expect(throws: PersonalizeError.self) { try await publish("two") }
            #expect(error?.message.contains("1.jsonl: line 1: is no JSON") == true)
            let rows = kept.rows.withLock(\.self).map { "\($0.question):\($0.rank):\($0.answer)" }
            #expect(rows == ["i10,i9:1:i1", "i10,i9:2:i2", "i3:1:i5"])
        }
    }
}
