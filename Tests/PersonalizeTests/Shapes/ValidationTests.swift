import JSON
import Personalize
import Testing

@Suite struct ValidationTests {
    private static let pattern = #"Member must satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\-_]*"#

    private static let cases: [(JSON, String)] = [
        (
            [:],
            "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"
        ),
        (
            ["name": "a b"],
            "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: " + pattern
        ),
        (["name": "ok", "domain": "FILM"], "1 validation error detected: " + domain),
        (
            ["name": "-x", "domain": "FILM"],
            "2 validation errors detected: Value '-x' at 'name' failed to satisfy constraint: " + pattern + "; "
                + domain
        ),
    ]

    private static let domain =
        "Value 'FILM' at 'domain' failed to satisfy constraint: "
        + "Member must satisfy enum value set: [ECOMMERCE, VIDEO_ON_DEMAND]"

    @Test(arguments: cases)
    func `faults are told in the service's words`(_ input: JSON, _ message: String) async throws {
        let error = await (try ServiceUnderTest()).error("CreateDatasetGroup", input)
        #expect(error == PersonalizeError(.invalidInput, message))
    }

    @Test func `lengths and ranges are kept`() async throws {
        let test = try ServiceUnderTest()
        let long = JSON.string(String(repeating: "a", count: 64))
        #expect(await test.error("CreateDatasetGroup", ["name": long])?.message.hasSuffix("equal to 63") == true)
        #expect(await test.code("CreateDatasetGroup", ["name": ""]) == .invalidInput)
        #expect(await test.code("ListSolutions", ["maxResults": 0]) == .invalidInput)
        #expect(await test.code("ListSolutions", ["maxResults": 101]) == .invalidInput)
        #expect(await test.code("DescribeCampaign", ["campaignArn": "films"]) == .invalidInput)
    }

    @Test func `a value of another type is no input at all`() async throws {
        let test = try ServiceUnderTest()
        #expect(await test.code("CreateDatasetGroup", ["name": 7]) == .serialization)
        #expect(await test.code("CreateDatasetGroup", []) == .serialization)
        #expect(await test.code("CreateDatasetGroup", ["name": "a", "tags": "x"]) == .serialization)
    }

    @Test func `unknown members are ignored`() async throws {
        let test = try ServiceUnderTest()
        #expect(await test.code("CreateDatasetGroup", ["name": "a", "colour": "red"]) == nil)
    }

    @Test(arguments: [
        ("s3://bucket/x", true), ("http://h/x", true), ("bucket/x", false), ("s3://", false),
    ])
    func `a location must be an address`(_ location: String, _ isValid: Bool) async throws {
        let test = try ServiceUnderTest()
        let input: JSON = [
            "jobName": "a", "datasetArn": .string(arn("dataset/a/ITEMS")),
            "dataSource": ["dataLocation": .string(location)],
        ]
        #expect(await test.code("CreateDatasetImportJob", input) == (isValid ? .resourceNotFound : .invalidInput))
    }

    @Test func `a configuration is checked`() {
        var configuration = PersonalizeService.Configuration()
        #expect(configuration.validate() == [])
        configuration.trainingThreads = 0
        configuration.account = "12"
        #expect(configuration.validate().count == 2)
    }
}
