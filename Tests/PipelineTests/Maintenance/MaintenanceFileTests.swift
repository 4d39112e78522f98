import JSON
import Testing

@testable import Pipeline

@Suite struct MaintenanceFileTests {
    private typealias Configuration = PipelineConfiguration

    private let key = "train/shop/config.json"

    @Test func `every key of a whole file is read`() throws {
        let configuration = try ParamsFile.read(Samples.wholeMaintained, key: key)
        #expect(configuration.shape == .mpe)
        #expect(configuration.name == "shop")
        #expect(configuration.datasets.map(\.type) == ["Interactions", "Users"])
        #expect(configuration.datasets.map(\.schemaName) == ["shop_interactions_schema", "shop_users_schema"])
        #expect(configuration.imports.mode == "INCREMENTAL")
        #expect(configuration.imports.publishesMetrics == true)
        #expect(configuration.imports.maximumAge?.seconds == 172_800)
        #expect(configuration.schedules?.imports == "cron(0 */6 * * ? *)")
        #expect(configuration.eventTracker?["name"] == "clicks")
        #expect(configuration.filters.map { $0["name"] } == ["unseen"])
        let solution = try #require(configuration.solutions.first)
        #expect(solution.request["performAutoTraining"] == true)
        #expect(solution.request["solutionVersion"] == nil)
        #expect(solution.version["name"] == "first")
        #expect(solution.version["trainingMode"] == "UPDATE")
        #expect(solution.fullSchedule == "cron(0 3 ? * SUN *)")
        #expect(solution.updateSchedule == "cron(0 4 * * ? *)")
        #expect(solution.campaigns.map(\.name) == ["home", "mail"])
        #expect(solution.batchJobs.map(\.kind) == [.inference])
        #expect(solution.batchJobs.first?.maximumAge?.seconds == 86_400)
        #expect(configuration.solutions.last?.batchJobs.map(\.kind) == [.segment])
    }

    @Test func `a domain's group has recommenders`() throws {
        let file = Samples.maintained.with("solutions", nil)
            .with("datasetGroup", Samples.service(["name": "shop", "domain": "ECOMMERCE"]))
            .with("datasets.interactions.schema.serviceConfig.schema", Self.domainSchema)
            .with(
                "recommenders",
                [Samples.service(["name": "best", "recipeArn": Samples.recipe("aws-ecomm-popular-items-by-views")])]
            )
        let configuration = try ParamsFile.read(file, key: key)
        #expect(configuration.recommenders.map(\.name) == ["best"])
        #expect(configuration.recommenders.map(\.path) == ["recommenders[0]"])
    }

    private static let domainSchema = Samples.schema(
        "Interactions",
        [
            ["name": "USER_ID", "type": "string"], ["name": "ITEM_ID", "type": "string"],
            ["name": "EVENT_TYPE", "type": "string"], ["name": "TIMESTAMP", "type": "long"],
        ]
    )

    @Test func `what has no tags has the root's, and what has some keeps its own`() throws {
        let configuration = try ParamsFile.read(Samples.wholeMaintained, key: key)
        let common: JSON = [["tagKey": "team", "tagValue": "films"]]
        #expect(configuration.datasetGroup["tags"] == [["tagKey": "own", "tagValue": "group"]])
        #expect(configuration.imports.tags == common)
        #expect(configuration.datasets.map(\.tags) == [common, common])
        #expect(configuration.eventTracker?["tags"] == common)
        #expect(configuration.filters.first?["tags"] == common)
        let solution = try #require(configuration.solutions.first)
        #expect(solution.request["tags"] == common)
        #expect(solution.version["tags"] == [["tagKey": "own", "tagValue": "version"]])
        #expect(configuration.solutions.last?.version["tags"] == common)
        #expect(solution.campaigns.map { $0.request["tags"] } == [common, common])
        #expect(solution.batchJobs.map { $0.request["tags"] } == [common])
    }

    @Test func `what is left out has the defaults`() throws {
        let configuration = try ParamsFile.read(Samples.maintained, key: key)
        #expect(configuration.imports.mode == "FULL")
        #expect(configuration.imports.maximumAge == TimeSpan("365 days"))
        #expect(configuration.schedules == nil)
        #expect(configuration.solutions.first?.version == [:])
        #expect(configuration.filters.isEmpty && configuration.recommenders.isEmpty)
        #expect(configuration.notifications == nil)
    }

    @Test func `a schedule that says delete is none`() throws {
        let file = Samples.maintained
            .with("datasetGroup.workflowConfig", ["schedules": ["import": "delete"]])
        #expect(try ParamsFile.read(file, key: key).schedules == nil)
    }

    @Test(arguments: [
        ("1 day", 86_400.0), ("two days", 172_800), ("0.5 days", 43_200), ("365 days", 31_536_000), ("1 second", 1),
        ("an hour", 3600), ("twenty-one minutes", 1260), ("1 week and 2 hours", 612_000), ("12h", 43_200),
        ("half a day", 43_200), ("two hundred days", 17_280_000),
    ])
    func `a length of time is read as people write it`(_ text: String, _ seconds: Double) {
        #expect(TimeSpan(text)?.seconds == seconds)
    }

    @Test(arguments: ["", "soon", "day", "1", "1 fortnight", "-1 day", "1 day ago", "1.2.3 days"])
    func `what is no length of time is none`(_ text: String) {
        #expect(TimeSpan(text) == nil)
    }

    @Test(arguments: [
        ("params.json", true), ("a/b/params.json", true), ("train/a.json", true), ("train/a/b/c.json", true),
        ("train/a/interactions.csv", false), ("other/a.json", false), ("batch/shop/up/job_config.json", true),
        ("batch/shop/job_config.json", false), ("batch/shop/up/batch_up_1/job_config.json.out", false),
    ])
    func `a file starts something by its place`(_ key: String, _ isDrop: Bool) {
        #expect(ConfigurationFile.isDrop(key) == isDrop)
    }

    @Test(arguments: [
        (Samples.older, ConfigurationShape.sample), (Samples.newer, .sample2), (Samples.maintained, .mpe),
    ])
    func `a file of any shape is known wherever it lies`(_ file: JSON, _ shape: ConfigurationShape) throws {
        for key in ["params.json", "train/shop/config.json"] {
            #expect(try ParamsFile.read(file, key: key).shape == shape)
        }
    }
}
