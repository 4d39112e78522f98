import Foundation
import JSON
import StatesLanguage
import Testing

@testable import Pipeline

@Suite struct DeployStateMachineTests {
    private typealias Answer = DryRun.Answer

    private static let missing = Answer.error("Personalize.ResourceNotFoundException", "it does not exist")

    /// What everything answers when all goes well and nothing exists yet.
    private static let fresh: [String: [Answer]] = [
        "Describe Dataset Group": [
            missing, status("DatasetGroup", "CREATE PENDING", ["DatasetGroupArn": "group"]),
            status("DatasetGroup", "ACTIVE", ["DatasetGroupArn": "group"]),
        ],
        "Create Dataset Group": [.output(["DatasetGroupArn": "group"])],
        "Describe Schema": [missing],
        "Create Schema": [.output([:])],
        "Describe Dataset": [missing, status("Dataset", "ACTIVE")],
        "Create Dataset": [.output([:])],
        "Create Import Job": [.output(["DatasetImportJobArn": "job"])],
        "Describe Import Job": [
            status("DatasetImportJob", "CREATE IN_PROGRESS"), status("DatasetImportJob", "ACTIVE"),
        ],
        "Describe Solution": [missing, status("Solution", "ACTIVE")],
        "Create Solution": [.output([:])],
        "Create Solution Version": [.output(["SolutionVersionArn": "solution/2"])],
        "Describe Solution Version": [status("SolutionVersion", "ACTIVE")],
        "Get Solution Metrics": [.output(["Metrics": ["coverage": 0.5]])],
        "Describe Campaign": [
            missing, status("Campaign", "ACTIVE", ["CampaignArn": "campaign", "SolutionVersionArn": "solution/2"]),
        ],
        "Create Campaign": [.output(["CampaignArn": "campaign"])],
        "Create Event Tracker": [.output([:])],
        "Create Filter": [.output([:])],
        "Notify Success": [.output([:])],
        "Notify Imported": [.output([:])],
        "Notify Failure": [.output([:])],
    ]

    private static func status(_ kind: String, _ status: String, _ more: JSONObject = [:]) -> Answer {
        var description: JSON = ["Status": .string(status)]
        for (key, value) in more { description[key] = value }
        return .output(.object([kind: description]))
    }

    private func input(_ file: JSON = Samples.small, mode: PipelineRun.Mode = .full) throws -> JSON {
        let run = PipelineRun(
            bucket: "films",
            key: "params.json",
            date: Date(timeIntervalSince1970: 0),
            suffix: "1",
            mode: mode
        )
        let input = PipelineInput(region: "us-east-1", account: "000000000000", pollSeconds: 5, topicARN: "topic")
        return input.input(for: try ParamsFile.read(file), run: run)
    }

    private func run(_ changes: [String: [Answer]] = [:], input: JSON? = nil) throws -> DryRun {
        let script = Script(Self.fresh.merging(changes) { $1 })
        return try DryRun(ShippedStateMachine.deploy.definition, input: input ?? self.input()) { script($0) }
    }

    private let groupStates = [
        "Configuration Is Valid?", "Describe Dataset Group", "Create Dataset Group", "Describe Dataset Group",
        "Dataset Group Is Active?", "Wait For Dataset Group", "Describe Dataset Group", "Dataset Group Is Active?",
        "Import Datasets",
    ]
    private let importStates = [
        "Describe Schema", "Create Schema", "Describe Dataset", "Create Dataset", "Describe Dataset",
        "Dataset Is Active?", "Create Import Job", "Describe Import Job", "Import Is Active?", "Wait For Import",
        "Describe Import Job", "Import Is Active?", "Imported", "Import Only?",
    ]
    private let trainingStates = [
        "Create Solutions", "Describe Solution", "Create Solution", "Describe Solution", "Solution Is Active?",
        "Create Solution Version", "Describe Solution Version", "Training Is Done?", "Get Solution Metrics",
        "Has Campaign?", "Deploy Campaigns", "Describe Campaign",
    ]
    private let lastStates = [
        "Campaign Deployed", "Deployed", "Attach Event Tracker", "Create Filters", "Deploy Recommenders",
        "Run Batch Jobs", "Notify Success", "Done",
    ]

    @Test(arguments: ShippedStateMachine.allCases)
    func `a shipped definition is the file of the repository and has no fault`(_ machine: ShippedStateMachine) throws {
        let file = try String(decoding: Samples.file("statemachines/\(machine.rawValue).asl.json"), as: UTF8.self)
        #expect(machine.definition == file)
        #expect(Definition.diagnostics(for: try JSON(parsing: file)).isEmpty)
    }

    @Test func `a first run creates everything, in order`() throws {
        let run = try run()
        let campaign = ["Name Version For New Campaign", "Create Campaign", "Describe Campaign", "Campaign Is Ready?"]
        #expect(run.states == groupStates + importStates + trainingStates + campaign + lastStates)
        guard case .succeeded(let output) = run.outcome else {
            Issue.record("ended with \(String(describing: run.outcome))")
            return
        }
        #expect(
            output.value["deployments"] == [
                [
                    "campaignArn": "campaign", "solutionVersionArn": "solution/2", "metrics": ["coverage": 0.5],
                    "campaigns": [["campaignArn": "campaign", "solutionVersionArn": "solution/2"]],
                ]
            ]
        )
    }

    @Test func `requests carry what the file says, in the words of SDK tasks`() throws {
        let run = try run()
        #expect(run.parameters(of: "Create Dataset Group") == [["Name": "shop"]])
        #expect(
            run.parameters(of: "Create Import Job") == [
                [
                    "JobName": "Interactions_1970_01_01_00_00_00_1",
                    "DatasetArn": "arn:aws:personalize:us-east-1:000000000000:dataset/shop/INTERACTIONS",
                    "DataSource": ["DataLocation": "s3://films/Interactions/"],
                    "RoleArn": "arn:aws:iam::000000000000:role/PersonalizeRole", "ImportMode": "FULL",
                ]
            ]
        )
        #expect(
            run.parameters(of: "Create Campaign") == [
                ["Name": "popular", "MinProvisionedTPS": 1, "SolutionVersionArn": "solution/2"]
            ]
        )
        #expect(run.parameters(of: "Notify Success")[0]["TopicArn"] == "topic")
    }

    @Test func `a second run finds everything, trains a new version and moves the campaign`() throws {
        let old = Self.status("Campaign", "ACTIVE", ["CampaignArn": "campaign", "SolutionVersionArn": "solution/1"])
        let moving = Self.status(
            "Campaign",
            "ACTIVE",
            ["SolutionVersionArn": "solution/1", "LatestCampaignUpdate": ["Status": "CREATE IN_PROGRESS"]]
        )
        let moved = Self.status(
            "Campaign",
            "ACTIVE",
            [
                "CampaignArn": "campaign", "SolutionVersionArn": "solution/2",
                "LatestCampaignUpdate": ["Status": "ACTIVE"],
            ]
        )
        let run = try run([
            "Describe Dataset Group": [Self.status("DatasetGroup", "ACTIVE", ["DatasetGroupArn": "group"])],
            "Describe Schema": [.output([:])], "Describe Dataset": [Self.status("Dataset", "ACTIVE")],
            "Describe Solution": [Self.status("Solution", "ACTIVE")], "Describe Campaign": [old, moving, moved],
            "Move Campaign": [.output(["CampaignArn": "campaign"])],
        ])
        let creations = run.states.filter {
            $0.hasPrefix("Create ") && $0 != "Create Solutions" && $0 != "Create Filters"
        }
        #expect(creations == ["Create Import Job", "Create Solution Version"])
        let campaign = run.states.drop { $0 != "Describe Campaign" }
        #expect(
            Array(campaign) == [
                "Describe Campaign", "Campaign Is Ready?", "Move Campaign", "Describe Campaign", "Campaign Is Ready?",
                "Wait For Campaign", "Describe Campaign", "Campaign Is Ready?",
            ] + lastStates
        )
    }

    @Test func `a version that is not promoted ends the run well, with the decision in its output`() throws {
        let old = Self.status("Campaign", "ACTIVE", ["CampaignArn": "campaign", "SolutionVersionArn": "solution/1"])
        let decision: JSON = ["Decision": "KEPT", "Reason": "it is worse"]
        let run = try run([
            "Describe Campaign": [old, old],
            "Move Campaign": [.output(["CampaignArn": "campaign", "Promotion": decision])],
        ])
        let campaign = run.states.drop { $0 != "Describe Campaign" }
        #expect(
            campaign.prefix(6) == [
                "Describe Campaign", "Campaign Is Ready?", "Move Campaign", "Describe Campaign", "Campaign Is Ready?",
                "Not Promoted",
            ]
        )
        #expect(run.states.last == "Done")
        guard case .succeeded(let output) = run.outcome else {
            Issue.record("ended with \(String(describing: run.outcome))")
            return
        }
        #expect(output.value["deployments"]?[0]?["campaigns"]?[0]?["promotion"] == decision)
        #expect(output.value["deployments"]?[0]?["solutionVersionArn"] == "solution/1")
    }

    @Test func `an import-only run ends after the import`() throws {
        let run = try run(input: input(mode: .imports))
        #expect(run.states == groupStates + importStates + ["Notify Imported", "Done"])
    }

    @Test func `trackers and filters that exist are left as they are`() throws {
        let exists = Answer.error("Personalize.ResourceAlreadyExistsException", "it exists")
        let file = Samples.small.with("eventTracker", ["name": "clicks"]).with("filters", Samples.newer["filters"])
        let run = try run(["Create Event Tracker": [exists], "Create Filter": [exists]], input: input(file))
        #expect(
            run.states.suffix(10) == [
                "Attach Event Tracker", "Create Event Tracker", "Event Tracker Exists", "Create Filters",
                "Create Filter", "Filter Exists", "Deploy Recommenders", "Run Batch Jobs", "Notify Success", "Done",
            ]
        )
    }

    @Test func `whoever loses the race to create a resource goes on with the other's`() throws {
        let exists = Answer.error("Personalize.ResourceAlreadyExistsException", "it exists")
        let run = try run([
            "Create Dataset Group": [exists], "Create Schema": [exists], "Create Dataset": [exists],
            "Create Solution": [exists], "Create Campaign": [exists],
        ])
        #expect(run.states.last == "Done")
    }

    /// How a run goes wrong, and what it ends with.
    private func expectFailure(
        _ run: DryRun,
        state: String,
        error: String,
        cause: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(run.states.suffix(2) == ["Notify Failure", "Failed"], sourceLocation: sourceLocation)
        #expect(run.outcome == .failed(StatesError(name: error, cause: cause)), sourceLocation: sourceLocation)
        let notice = run.parameters(of: "Notify Failure").first
        let failure = notice?["MessageAttributes"]?["Failure"]?["StringValue"]?.string
        #expect(
            failure.flatMap { try? JSON(parsing: $0) } == ["Error": .string(error), "Cause": .string(cause)],
            sourceLocation: sourceLocation
        )
        #expect(
            notice?["Message"]?.string == "The pipeline of dataset group shop failed with \(error): \(cause)",
            sourceLocation: sourceLocation
        )
        let told = Array(run.history.reversed().drop { $0["stateEnteredEventDetails"]?["name"] != "Notify Failure" })
        #expect(FailedState.name(in: told, before: "Notify Failure") == state, sourceLocation: sourceLocation)
    }

    @Test func `a failed import fails the run with its reason`() throws {
        let failed = Self.status("DatasetImportJob", "CREATE FAILED", ["FailureReason": "a.csv:7: TIMESTAMP \"x\""])
        expectFailure(
            try run(["Describe Import Job": [failed]]),
            state: "Import Failed",
            error: "DatasetImportFailed",
            cause: "a.csv:7: TIMESTAMP \"x\""
        )
    }

    @Test(arguments: [
        ("CREATE FAILED", "Training Failed", "TrainingFailed", "too few users"),
        ("CREATE STOPPED", "Training Stopped", "TrainingStopped", "The training of solution/2 was stopped."),
    ])
    func `a training that ends without a model fails the run`(
        _ status: String,
        _ state: String,
        _ error: String,
        _ cause: String
    ) throws {
        let failed = Self.status("SolutionVersion", status, ["FailureReason": "too few users"])
        expectFailure(
            try run(["Describe Solution Version": [failed]]),
            state: state,
            error: error,
            cause: cause
        )
    }

    @Test func `a dataset group that cannot be made fails the run`() throws {
        let failed = Self.status("DatasetGroup", "CREATE FAILED", ["FailureReason": "no key"])
        expectFailure(
            try run(["Describe Dataset Group": [Self.missing, failed]]),
            state: "Dataset Group Failed",
            error: "DatasetGroupFailed",
            cause: "no key"
        )
    }

    @Test func `a campaign that cannot be moved fails the run and goes on serving`() throws {
        let old: JSONObject = ["CampaignArn": "campaign", "SolutionVersionArn": "solution/1"]
        var failed = old
        failed["LatestCampaignUpdate"] = ["Status": "CREATE FAILED"]
        let run = try run([
            "Describe Campaign": [Self.status("Campaign", "ACTIVE", old), Self.status("Campaign", "ACTIVE", failed)],
            "Move Campaign": [.output([:])],
        ])
        let campaign = "arn:aws:personalize:us-east-1:000000000000:campaign/popular"
        expectFailure(
            run,
            state: "Campaign Update Failed",
            error: "CampaignUpdateFailed",
            cause: "Campaign \(campaign) could not be moved to solution/2; it still serves solution/1."
        )
    }

    @Test func `a service that refuses is retried where that may help, and then fails the run`() throws {
        let refusal = Answer.error("Personalize.InvalidInputException", "no")
        let run = try run(["Describe Import Job": [refusal]])
        #expect(run.parameters(of: "Describe Import Job").count == 6)
        expectFailure(
            run,
            state: "Describe Import Job",
            error: "Personalize.InvalidInputException",
            cause: "no"
        )
    }

    @Test func `a refused configuration creates nothing and fails with all faults`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try ParamsFile.read(Samples.small.with("solution.name", 7).with("campaign.nam", "x"))
        }
        let run = PipelineRun(
            bucket: "films",
            key: "a/params.json",
            date: Date(timeIntervalSince1970: 0),
            suffix: "1",
            mode: .full
        )
        let builder = PipelineInput(region: "us-east-1", account: "000000000000", pollSeconds: 5, topicARN: "topic")
        let dry = try self.run(input: builder.input(refusing: try #require(error), groupName: "shop", run: run))
        #expect(dry.states == ["Configuration Is Valid?", "Refuse Configuration", "Notify Failure", "Failed"])
        #expect(dry.requests.map(\.stateName) == ["Notify Failure"])
        expectFailure(
            dry,
            state: "Refuse Configuration",
            error: "InvalidConfiguration",
            cause: """
                s3://films/a/params.json has 2 faults:
                - solution.name "7" must be a string
                - campaign.nam is not a known key, did you mean "name"?
                Nothing was created. Correct the file and drop it again.
                """
        )
    }

    @Test func `a failure that cannot be told fails the run with its own error`() throws {
        let failed = Self.status("SolutionVersion", "CREATE FAILED", ["FailureReason": "too few users"])
        let run = try run([
            "Describe Solution Version": [failed], "Notify Failure": [.error("SNS.NotFoundException", "no topic")],
        ])
        #expect(run.parameters(of: "Notify Failure").count == 6)
        #expect(run.outcome == .failed(StatesError(name: "TrainingFailed", cause: "too few users")))
    }
}
