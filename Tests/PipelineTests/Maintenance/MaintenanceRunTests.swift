import Bucket
import DurableExecution
import Foundation
import JSON
import Personalize
import Scheduler
import TestSupport
import Testing

@testable import Pipeline

/// Files of the successor's shape, dropped into a bucket and deployed.
@Suite(.timeLimit(.minutes(5))) struct MaintenanceRunTests {
    private let stage: PipelineStage
    private let key = "train/shop/config.json"

    init() throws {
        stage = try PipelineStage()
    }

    private func putEvents(at path: String = "train/shop/interactions/events.csv", _ more: String = "") throws {
        try stage.directory.write(Samples.events + more, to: "bucket/\(path)")
    }

    private func ended() async throws -> Execution {
        let execution = try #require(try await stage.executions().first)
        return try await stage.engine.waitForEnd(of: execution.arn)
    }

    /// Drops a file and waits for the end of its run.
    private func deploy(_ id: Int64, _ file: JSON, at key: String? = nil) async throws {
        stage.clock.advance(by: .seconds(10))
        try await stage.handle(stage.drop(id, file.text, at: key ?? self.key))
        let execution = try await ended()
        #expect(execution.status == .succeeded, "\(execution.cause ?? "")")
    }

    private func count(_ operation: String, _ member: String) async throws -> Int {
        try await stage.personalize.call("List\(operation)", [:])[member]?.array?.count ?? 0
    }

    @Test(arguments: [
        "train/shop/interactions/events.csv", "train/shop/interactions.csv", "train/shop/Interactions/events.csv",
    ])
    func `a file is deployed with the data beside it, in any layout`(_ path: String) async throws {
        let stage = stage
        try putEvents(at: path)
        try await stage.running(.personalize) {
            try await deploy(1, Samples.maintained)
            let campaign = "arn:aws:personalize:us-east-1:000000000000:campaign/popular"
            #expect(stage.personalize.runtime.servedVersion(campaign) != nil)
            let jobs = try await stage.personalize.call("ListDatasetImportJobs", [:])["datasetImportJobs"]
            #expect(jobs?[0]?["jobName"]?.string?.hasPrefix("dataset_import_interactions_2") == true)
        }
    }

    @Test func `several groups live in one bucket, each with the data of its name`() async throws {
        let stage = stage
        try putEvents(at: "train/shop/interactions/events.csv")
        try putEvents(at: "train/cinema/interactions.csv")
        let solution = try #require(Samples.maintained["solutions"]?[0])
        let other = Samples.maintained.with("datasetGroup.serviceConfig.name", "cinema").with(
            "solutions",
            [
                solution.with("serviceConfig.name", "cinema").with(
                    "campaigns",
                    [Samples.service(["name": "cinema", "minProvisionedTPS": 1])]
                )
            ]
        )
        try await stage.running(.personalize) {
            try await deploy(1, Samples.maintained, at: "train/shop.json")
            try await deploy(2, other, at: "train/cinema.json")
            #expect(try await count("Campaigns", "campaigns") == 2)
        }
    }

    @Test func `a file dropped again imports and trains only what changed by content`() async throws {
        let stage = stage
        try putEvents()
        try await stage.running(.personalize) {
            try await deploy(1, Samples.maintained)
            try putEvents()
            try await deploy(2, Samples.maintained)
            #expect(try await count("DatasetImportJobs", "datasetImportJobs") == 1)
            #expect(try await count("SolutionVersions", "solutionVersions") == 1)
            try putEvents(at: "train/shop/interactions/events.csv", "u0,i1,1700009999\n")
            try await deploy(3, Samples.maintained)
            #expect(try await count("DatasetImportJobs", "datasetImportJobs") == 2)
            #expect(try await count("SolutionVersions", "solutionVersions") == 2)
        }
    }

    @Test func `data is imported again when the last import is older than maxAge`() async throws {
        let stage = stage
        let file = Samples.maintained.with("datasetGroup.workflowConfig", ["maxAge": "two hours"])
        try putEvents()
        try await stage.running(.personalize) {
            try await deploy(1, file)
            stage.clock.advance(by: .seconds(3600))
            try await deploy(2, file)
            #expect(try await count("DatasetImportJobs", "datasetImportJobs") == 1)
            stage.clock.advance(by: .seconds(3700))
            try await deploy(3, file)
            #expect(try await count("DatasetImportJobs", "datasetImportJobs") == 2)
        }
    }

    @Test func `an incremental import follows a full one, and the version has the name and mode of the file`()
        async throws
    {
        let stage = stage
        let solution = try #require(Samples.maintained["solutions"]?[0]).with(
            "serviceConfig.solutionVersion",
            ["name": "nightly", "tags": [["tagKey": "own", "tagValue": "version"]]]
        )
        let file = Samples.maintained.with("datasets.serviceConfig", ["importMode": "INCREMENTAL"])
            .with("solutions", [solution])
        try putEvents()
        try await stage.running(.personalize) {
            try await deploy(1, file)
            try stage.directory.write(
                "USER_ID,ITEM_ID,TIMESTAMP\nu0,i1,1700009999\n",
                to: "bucket/train/shop/interactions/events.csv"
            )
            try await deploy(2, file)
            let jobs = try await stage.personalize.call("ListDatasetImportJobs", [:])["datasetImportJobs"]
            #expect(Set(jobs?.array?.compactMap { $0["importMode"]?.string } ?? []) == ["FULL", "INCREMENTAL"])
            let versions = try await stage.personalize.call("ListSolutionVersions", [:])["solutionVersions"]
            let arn = try #require(versions?[0]?["solutionVersionArn"])
            let version = try await stage.personalize.call("DescribeSolutionVersion", ["solutionVersionArn": arn])
            #expect(version["solutionVersion"]?["name"] == "nightly")
            let tags = try await stage.personalize.call("ListTagsForResource", ["resourceArn": arn])
            #expect(tags["tags"] == [["tagKey": "own", "tagValue": "version"]])
        }
    }

    @Test func `all campaigns of a solution move to its version, and one that the file adds joins them`() async throws {
        let stage = stage
        let solution = try #require(Samples.maintained["solutions"]?[0])
        let campaigns: JSON = [
            Samples.service(["name": "popular", "minProvisionedTPS": 2]),
            Samples.service(["name": "mail", "minProvisionedTPS": 1]),
        ]
        try putEvents()
        try await stage.running(.personalize) {
            try await deploy(1, Samples.maintained)
            try await deploy(2, Samples.maintained.with("solutions", [solution.with("campaigns", campaigns)]))
            #expect(try await count("SolutionVersions", "solutionVersions") == 1)
            var versions: Set<String> = []
            for name in ["popular", "mail"] {
                let arn = JSON.string("arn:aws:personalize:us-east-1:000000000000:campaign/\(name)")
                let campaign = try await stage.personalize.call("DescribeCampaign", ["campaignArn": arn])["campaign"]
                versions.insert(campaign?["solutionVersionArn"]?.string ?? "")
                #expect(campaign?["minProvisionedTPS"] == (name == "mail" ? 1 : 2))
            }
            #expect(versions.count == 1)
        }
    }

    @Test func `a recommender of a domain is made, and changed with its file`() async throws {
        let stage = stage
        let lines = Samples.events.split(separator: "\n")
        let events = ["\(lines[0]),EVENT_TYPE"] + lines.dropFirst().map { "\($0),View" }
        try stage.directory.write(
            events.joined(separator: "\n") + "\n",
            to: "bucket/train/shop/interactions/events.csv"
        )
        let schema = Samples.schema(
            "Interactions",
            [
                ["name": "USER_ID", "type": "string"], ["name": "ITEM_ID", "type": "string"],
                ["name": "TIMESTAMP", "type": "long"], ["name": "EVENT_TYPE", "type": "string"],
            ]
        )
        let request: JSON = ["name": "best", "recipeArn": Samples.recipe("aws-ecomm-popular-items-by-views")]
        let file = Samples.maintained.with("solutions", nil)
            .with("datasetGroup", Samples.service(["name": "shop", "domain": "ECOMMERCE"]))
            .with("datasets.interactions.schema.serviceConfig.schema", schema)
            .with("recommenders", [Samples.service(request)])
        let changed = request.with("recommenderConfig", ["minRecommendationRequestsPerSecond": 2])
        let arn: JSON = "arn:aws:personalize:us-east-1:000000000000:recommender/best"
        try await stage.running(.personalize) {
            try await deploy(1, file)
            try await deploy(2, file.with("recommenders", [Samples.service(changed)]))
            let answer = try await stage.personalize.call("DescribeRecommender", ["recommenderArn": arn])["recommender"]
            #expect(answer?["status"] == "ACTIVE")
            #expect(answer?["recommenderConfig"]?["minRecommendationRequestsPerSecond"] == 2)
        }
    }

    @Test func `a dropped job_config.json is answered beside itself`() async throws {
        let stage = stage
        let solution = try #require(Samples.maintained["solutions"]?[0])
        let file = Samples.maintained.with(
            "solutions",
            [solution.with("batchInferenceJobs", [Samples.service(["numResults": 5])])]
        )
        try putEvents()
        let questions = "{\"userId\": \"u1\"}\n{\"userId\": \"u2\"}\n"
        let batchKey = "batch/shop/popular/job_config.json"
        try await stage.running(.personalize) {
            try stage.bucket.put(Array(file.text.utf8), at: key)
            try await deploy(1, file)
            try stage.bucket.put(Array(questions.utf8), at: batchKey)
            stage.clock.advance(by: .seconds(10))
            try await stage.handle(stage.drop(2, questions, at: batchKey))
            let execution = try await ended()
            #expect(execution.status == .succeeded, "\(execution.cause ?? "")")
            #expect(try await count("SolutionVersions", "solutionVersions") == 1)
            let answers = try stage.bucket.list(prefix: "batch/shop/popular/batch_popular_").objects
                .first { $0.key.hasSuffix("/job_config.json.out") }
            let lines = String(decoding: try stage.bucket.read(try #require(answers?.key)), as: UTF8.self)
                .split(separator: "\n")
            #expect(lines.count == 2)

            stage.clock.advance(by: .seconds(10))
            try await stage.handle(stage.drop(3, questions, at: "batch/shop/popula/job_config.json"))
            #expect(try await ended().cause?.contains("has no solution \"popula\", did you mean \"popular\"?") == true)
            stage.clock.advance(by: .seconds(10))
            try await stage.handle(stage.drop(4, questions, at: "batch/shoe/popular/job_config.json"))
            let unknown = try await ended()
            #expect(unknown.cause?.contains("no configuration of dataset group \"shoe\" is in the bucket") == true)
        }
    }

    @Test func `schedules have the successor's names, and go when their keys go`() async throws {
        let stage = stage
        try putEvents()
        try stage.directory.write("USER_ID,GENDER,AGE\nu0,x,1\n", to: "bucket/train/shop/users.csv")
        @Sendable func drop(_ id: Int64, _ file: JSON) async throws {
            try await stage.handle(stage.drop(id, file.text, at: key))
            let execution = try #require(try await stage.executions().first { $0.status == .running })
            _ = try await stage.engine.stopExecution(execution.arn)
        }
        try await stage.running {
            try await drop(1, Samples.wholeMaintained)
            let schedules = try await stage.scheduler.schedules(inGroup: "shop")
            #expect(
                schedules.map(\.key.name) == [
                    "batch-inference-up", "batch-segment-who", "personalize-dataset-import-shop",
                    "solution-maintenance-full-up", "solution-maintenance-update-up",
                ]
            )
            #expect(schedules.map { $0.definition.target.input["solution"] } == ["up", "who", nil, "up", "up"])
            let fewer = Samples.wholeMaintained.with("datasetGroup.workflowConfig", nil)
                .with("solutions", [try #require(Samples.wholeMaintained["solutions"]?[1])])
            try await drop(2, fewer)
            #expect(try await stage.scheduler.schedules(inGroup: "shop").map(\.key.name) == ["batch-segment-who"])
        }
    }

    @Test func `a solution's schedule trains that solution and nothing else`() async throws {
        let stage = stage
        let solution = try #require(Samples.maintained["solutions"]?[0])
        let second = solution.with("serviceConfig.name", "second").with("campaigns", [])
        let file = Samples.maintained.with(
            "solutions",
            [solution.with("workflowConfig", ["schedules": ["full": "cron(0 3 * * ? *)"]]), second]
        )
        try putEvents()
        try await stage.running(.personalize) {
            try stage.bucket.put(Array(file.text.utf8), at: key)
            try await deploy(1, file)
            stage.clock.advance(by: .seconds(10))
            let firing = try await stage.scheduler.trigger(
                Schedule.Key(name: "solution-maintenance-full-popular", groupName: "shop")
            )
            #expect(firing.executionARN != nil)
            #expect(try await ended().status == .succeeded)
            let versions =
                try await stage.personalize.call("ListSolutionVersions", [:])["solutionVersions"]?.array ?? []
            let arns = versions.compactMap { $0["solutionVersionArn"]?.string }
            #expect(arns.count { $0.contains("solution/popular/") } == 2)
            #expect(arns.count { $0.contains("solution/second/") } == 1)
            #expect(try await count("DatasetImportJobs", "datasetImportJobs") == 1)
        }
    }

    @Test func `two files for one dataset group are refused, each with the other's place`() async throws {
        let stage = stage
        try putEvents()
        try stage.bucket.put(Array(Samples.maintained.text.utf8), at: "train/shop/other.json")
        try await stage.running {
            try await stage.handle(stage.drop(1, Samples.maintained.text, at: key))
            let execution = try await ended()
            #expect(execution.error == "InvalidConfiguration")
            let fault = """
                datasetGroup.serviceConfig.name "shop" is the dataset group of s3://films/train/shop/other.json too; \
                keep one of the two files, or give the groups different names
                """
            #expect(execution.cause?.contains(fault) == true)
        }
    }

    @Test func `a file deleted while its run goes on is no loss to the run`() async throws {
        let stage = stage
        try putEvents()
        try await stage.running(.personalize) {
            try stage.bucket.put(Array(Samples.maintained.text.utf8), at: key)
            try await stage.handle(stage.drop(1, Samples.maintained.text, at: key))
            try stage.bucket.delete(key)
            #expect(try await ended().status == .succeeded)
        }
    }

    @Test func `a file dropped a hundred times in a second is deployed twice: as it was first, and as it is last`()
        async throws
    {
        let stage = stage
        try putEvents()
        let drops = (1...100).map { stage.drop(Int64($0), Samples.maintained.text, at: key) }
        try await stage.running(.personalize) {
            let waiting = Locked(drops)
            let trigger = BucketTrigger(launcher: stage.launcher) { _ in waiting.withLock { $0 } }
            @Sendable func handle() async throws {
                for drop in waiting.withLock({ $0 }) {
                    do {
                        try await trigger.handle(drop)
                        waiting.withLock { $0.removeAll { $0.id == drop.id } }
                    } catch is DropPostponed {
                        continue
                    }
                }
            }
            try await handle()
            #expect(waiting.withLock { $0.map(\.id) } == [100])
            #expect(try await ended().status == .succeeded)
            try await handle()
            #expect(try await ended().status == .succeeded)
            #expect(try await stage.executions().count == 2)
            #expect(try await count("SolutionVersions", "solutionVersions") == 1)
        }
    }

    @Test func `an update schedule learns on where data came, and stays out where none did`() async throws {
        let stage = stage
        let solution = Samples.service(
            ["name": "up", "recipeArn": Samples.recipe("aws-user-personalization")],
            ["workflowConfig": ["schedules": ["update": "cron(0 3 * * ? *)"]]]
        )
        let file = Samples.maintained.with("solutions", [solution])
        let update = Schedule.Key(name: "solution-maintenance-update-up", groupName: "shop")
        @Sendable func modes() async throws -> [String] {
            let versions = try await stage.personalize.call("ListSolutionVersions", [:])["solutionVersions"]
            return (versions?.array ?? []).compactMap { $0["trainingMode"]?.string }.sorted()
        }
        try putEvents()
        try await stage.running(.personalize) {
            try stage.bucket.put(Array(file.text.utf8), at: key)
            try await deploy(1, file)
            stage.clock.advance(by: .seconds(10))
            _ = try await stage.scheduler.trigger(update)
            #expect(try await ended().status == .succeeded)
            #expect(try await modes() == ["FULL"])

            let arn = "arn:aws:personalize:us-east-1:000000000000:dataset/shop/INTERACTIONS"
            try putEvents(at: "train/shop/interactions/events.csv", "u0,i1,1700009999\n")
            let job = try await stage.personalize.call(
                "CreateDatasetImportJob",
                [
                    "jobName": "by-hand", "datasetArn": .string(arn),
                    "dataSource": ["dataLocation": "s3://films/train/shop/interactions/"],
                    "roleArn": "arn:aws:iam::000000000000:role/PersonalizeRole",
                ]
            )
            _ = try await stage.personalize.waitUntilSettled(job["datasetImportJobArn"]?.string ?? "")
            stage.clock.advance(by: .seconds(10))
            _ = try await stage.scheduler.trigger(update)
            #expect(try await ended().status == .succeeded)
            #expect(try await modes() == ["FULL", "UPDATE"])
        }
    }

    @Test func `solutions are trained beside each other and beside an import, and wait for what is about them`() {
        func run(_ mode: PipelineRun.Mode, _ solution: String? = nil) -> PipelineRun {
            PipelineRun(bucket: "films", key: key, date: stage.clock.date, suffix: "1", mode: mode, solution: solution)
        }
        func input(_ mode: PipelineRun.Mode, _ solution: String? = nil) -> JSON {
            ["mode": .string(mode.rawValue), "solution": JSON(solution)]
        }
        #expect(run(.full).mustWait(for: input(.full)))
        #expect(run(.full).mustWait(for: input(.imports)))
        #expect(run(.full).mustWait(for: input(.full, "a")))
        #expect(run(.full, "a").mustWait(for: input(.full)))
        #expect(run(.full, "a").mustWait(for: input(.update, "a")))
        #expect(!run(.full, "a").mustWait(for: input(.full, "b")))
        #expect(!run(.full, "a").mustWait(for: input(.imports)))
        #expect(!run(.imports).mustWait(for: input(.full, "a")))
        #expect(!run(.batch, "a").mustWait(for: input(.full)))
        #expect(run(.batch, "a").mustWait(for: input(.batch, "a")))
    }
}
