import Foundation
import HTTPAPI
import JSON
import Personalize
import TestSupport
import Testing

/// A program that was written from the public documentation of Personalize and knows nothing of this one.
@Suite struct DocumentedProgramTests {
    @Test func `it imports, trains, serves, filters, sends events, infers in batches and tidies up`() async throws {
        let stage = try await Stage()
        try Example.copyData(to: stage.bucket)
        let users = (1...20).map { #"{"userId": "\#($0)"}"# + "\n" }.joined()
        try FileManager.default.createDirectory(atPath: "\(stage.bucket)/batch", withIntermediateDirectories: true)
        try Data(users.utf8).write(to: URL(filePath: "\(stage.bucket)/batch/users.json"))
        let seen = try JSON(parsing: Self.output(stage))

        #expect(Set(seen["items"]?.array?.compactMap(\.string) ?? []).count == 10)
        let scores = seen["scores"]?.array?.compactMap(\.double) ?? []
        #expect(scores == scores.sorted(by: >) && scores.count == 10)
        #expect(seen["metrics"]?["coverage"]?.double ?? 0 > 0)
        let genres = seen["genres"]?.array?.compactMap(\.string) ?? []
        #expect(genres.count == 10 && genres.allSatisfy { $0.contains("Comedy") || $0.contains("Animation") })
        let unseen = seen["unseen"]?.array?.compactMap(\.string) ?? []
        #expect(unseen.count == 10 && !unseen.contains(seen["watched"]?.string ?? ""))
        #expect(seen["groups"] == [])
        guard Self.hasBatches else { return }
        let lines = try String(contentsOfFile: "\(stage.bucket)/recommendations/users.json.out", encoding: .utf8)
            .split(separator: "\n").map { try JSON(parsing: String($0)) }
        #expect(lines.count == 20)
        #expect(lines.allSatisfy { $0["output"]?["recommendedItems"]?.array?.count == 10 && $0["error"] == .null })
    }

    private static let hasBatches = PersonalizeService.operationNames.contains("CreateBatchInferenceJob")

    private static func output(_ stage: Stage) throws -> String {
        let python = try AWSClientTests.environment.get()
        var arguments = [
            Example.folder.appending(path: "personalize.py").path, "--endpoint-url", stage.service.endpoint, "--bucket",
            "s3://films", "--role-arn", "arn:aws:iam::000000000000:role/any", "--poll", "0.1",
        ]
        if hasBatches { arguments += ["--batch-input", "s3://films/batch/users.json"] }
        let environment = [
            "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1",
        ]
        return try run("\(python)/bin/python", arguments, environment: environment)
    }
}
