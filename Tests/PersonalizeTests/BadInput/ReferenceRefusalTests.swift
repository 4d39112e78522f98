import JSON
import Shapes
import TestSupport
import Testing

@testable import Personalize

/// ARNs and page tokens that are not what they are taken for.
@Suite struct ReferenceRefusalTests {
    /// A resource of every kind that has one, by the member that names it, and the ARN of one that was deleted.
    private static func prepare(_ test: ServiceUnderTest) async throws -> [String: JSON] {
        _ = try await test.prepareLiveFilms()
        let campaign = try await test.serve("hot")
        let filter = try await test.filmFilter("all", "INCLUDE ItemID WHERE Items.PRICE > 0")
        try await test.measure(watches)
        let version = try await test.call("DescribeCampaign", ["campaignArn": .string(campaign)])
        try await test.create("CreateDatasetGroup", ["name": "gone"])
        try await test.call("DeleteDatasetGroup", ["datasetGroupArn": .string(arn("dataset-group/gone"))])
        _ = try await test.service.waitUntilSettled(arn("dataset-group/gone"))
        return [
            "datasetGroupArn": .string(arn("dataset-group/films")), "schemaArn": .string(arn("schema/seen")),
            "datasetArn": .string(arn("dataset/films/INTERACTIONS")), "solutionArn": .string(arn("solution/hot")),
            "datasetImportJobArn": .string(arn("dataset-import-job/seen-1")), "campaignArn": .string(campaign),
            "solutionVersionArn": version["campaign"]?["solutionVersionArn"] ?? .null, "filterArn": filter,
            "eventTrackerArn": .string(arn("event-tracker/clicks")), "resourceArn": .string(campaign),
            "metricAttributionArn": .string(ServiceUnderTest.attribution),
            "recipeArn": "arn:aws:personalize:::recipe/aws-sims", "schema": .string(interactionsSchema),
            "datasetType": "Interactions", "name": "fresh", "jobName": "fresh", "metrics": [watches],
            "filterExpression": "INCLUDE ItemID WHERE Items.PRICE > 0", "solutionConfig": .null,
            "metricsOutputConfig": ["roleArn": role], "addMetrics": .null, "removeMetrics": .null, "nextToken": .null,
            "performHPO": .null, "performAutoML": .null, "eventType": .null, "domain": .null, "kmsKeyArn": .null,
            "dataSource": ["dataLocation": "s3://bucket/Interactions/"], "publishAttributionMetricsToS3": .null,
            "campaignConfig": .null, "trainingMode": .null, "promotions": .null, "recommenderArn": .null,
            "metadataColumns": .null, "filterValues": .null,
        ]
    }

    private static let missing = [
        arn("schema/none"), arn("dataset-group/gone"), arn("campaign/none\u{0}"),
        "arn:aws:personalize:us-east-1:999999999999:dataset-group/films",
        "arn:aws:personalize:eu-west-1:000000000000:dataset-group/films",
        "arn:aws-cn:personalize:us-east-1:000000000000:dataset-group/films",
    ]

    /// The members of a request that name resources of ours.
    private static func references(_ request: RequestKind) -> [String] {
        request.fields.map(\.name).filter {
            $0.hasSuffix("Arn") && !["roleArn", "kmsKeyArn"].contains($0)
        }
    }

    @Test func `an ARN of another kind, of another account or of what is gone is not found`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let known = try await Self.prepare(test)
            for request in RequestKind.all {
                for member in Self.references(request) {
                    let own = known[member]?.string
                    let others = ["datasetGroupArn", "schemaArn", "campaignArn"].compactMap { known[$0]?.string }
                    let strangers = member == "resourceArn" ? [] : others.filter { $0 != own }
                    let extended = own.map { [$0 + "\u{0}x", $0 + "x"] } ?? []
                    for arn in Self.missing + strangers + extended {
                        try await Self.expectNotFound(arn, as: member, of: request, known, test.service)
                    }
                }
            }
        }
    }

    private static func expectNotFound(
        _ arn: String,
        as member: String,
        of request: RequestKind,
        _ known: [String: JSON],
        _ service: PersonalizeService
    ) async throws {
        var sample = InputSample(known: known)
        sample.known[member] = .string(arn)
        // A request names a campaign or a recommender.
        if member == "recommenderArn" { sample.known["campaignArn"] = .null }
        let input = sample.value(request.shape)
        do throws(PersonalizeError) {
            let answer = try await request.call(service, input)
            // A list of what belongs to nothing is empty.
            let isEmpty = answer.object?.allSatisfy { $0.value.array?.isEmpty == true } == true
            #expect(
                request.name.hasPrefix("List") && isEmpty,
                "\(request) \(member) \(arn.debugDescription): \(answer)"
            )
        } catch {
            let isRight = error.code == .resourceNotFound || error.code == .invalidInput
            #expect(isRight && error.message.contains(arn), "\(request) \(member) \(arn.debugDescription): \(error)")
        }
    }

    @Test func `an ARN is one line`() async throws {
        let service = try ServiceUnderTest().service
        for request in RequestKind.all {
            for member in Self.references(request) {
                for text in [arn("schema/a\n"), arn("schema/\u{2028}a"), "arn:aws:personalize:::", "", "schema/a"] {
                    let input = InputSample(known: [member: .string(text)]).value(request.shape)
                    let error = await request.error(service, input)
                    #expect(error?.code == .invalidInput, "\(request) \(member) \(text.debugDescription)")
                    #expect(error?.message.contains("'\(member)' failed to satisfy constraint") == true, "\(request)")
                }
            }
        }
    }

    @Test func `a page token is of its own list`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let known = try await Self.prepare(test)
            let datasets = try await test.call("ListDatasets", ["maxResults": 1])["nextToken"]?.string ?? ""
            let schemas = try await test.call("ListSchemas", ["maxResults": 1])["nextToken"]?.string ?? ""
            #expect(datasets != schemas && !datasets.isEmpty && !schemas.isEmpty)
            for request in RequestKind.all where request.fields.contains(where: { $0.name == "nextToken" }) {
                let foreign = request.name == "ListDatasets" ? schemas : datasets
                for token in [foreign, "", "x", "x.1.2", "datasets.-1", "schemas.99999999999999999999"] {
                    var sample = InputSample(known: known)
                    sample.known["nextToken"] = .string(token)
                    let error = await request.error(test.service, sample.value(request.shape))
                    #expect(error?.code == .invalidNextToken, "\(request) \(token)")
                }
                var sample = InputSample(known: known)
                sample.known["nextToken"] = "é"
                let error = await request.error(test.service, sample.value(request.shape))
                #expect(error?.code == .invalidInput, "\(request)")
            }
        }
    }
}
