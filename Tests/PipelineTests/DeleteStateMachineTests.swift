import JSON
import StatesLanguage
import Testing

@testable import Pipeline

@Suite struct DeleteStateMachineTests {
    private static let input: JSON = [
        "datasetGroupArn": "arn:aws:personalize:us-east-1:000000000000:dataset-group/shop", "topicArn": "topic",
        "pollSeconds": 1,
    ]
    private static let missing = DryRun.Answer.error("Personalize.ResourceNotFoundException", "gone")

    private static func list(_ kind: String, _ member: String, _ arns: String...) -> DryRun.Answer {
        .output(.object([kind: .array(arns.map { .object([member: .string($0)]) })]))
    }

    private static let answers: [String: [DryRun.Answer]] = [
        "List Filters": [list("Filters", "FilterArn", "f1"), list("Filters", "FilterArn")],
        "List Event Trackers": [list("EventTrackers", "EventTrackerArn")],
        "List Solutions With Campaigns": [list("Solutions", "SolutionArn", "s1", "s2")],
        "List Campaigns": [
            list("Campaigns", "CampaignArn", "c1"), list("Campaigns", "CampaignArn", "c2", "c3"),
            list("Campaigns", "CampaignArn"),
        ],
        "List Solutions": [
            list("Solutions", "SolutionArn", "s1", "s2"), list("Solutions", "SolutionArn", "s2"),
            list("Solutions", "SolutionArn"),
        ],
        "List Datasets": [list("Datasets", "DatasetArn", "d1"), list("Datasets", "DatasetArn")],
        "Delete Filter": [.output([:])], "Delete Event Tracker": [.output([:])], "Delete Campaign": [.output([:])],
        "Delete Solution": [.output([:])], "Delete Dataset": [.output([:])], "Delete Dataset Group": [.output([:])],
        "Describe Dataset Group": [.output(["DatasetGroup": ["Status": "DELETE IN_PROGRESS"]]), missing],
        "Notify Deleted": [.output([:])], "Notify Failure": [.output([:])],
    ]

    private func run(_ changes: [String: [DryRun.Answer]] = [:]) throws -> DryRun {
        let script = Script(Self.answers.merging(changes) { $1 })
        return try DryRun(ShippedStateMachine.delete.definition, input: Self.input) { script($0) }
    }

    @Test func `all in a group is deleted in waves, in the order in which it may be`() throws {
        let run = try run()
        let deletions = run.requests.filter { $0.stateName.hasPrefix("Delete ") }
        #expect(
            deletions.map {
                $0.parameters.object?.first { _ in true }?.value.string?.split(separator: "/").last.map(String.init)
            }
                == ["f1", "c1", "c2", "c3", "s1", "s2", "s2", "d1", "shop"]
        )
        #expect(run.states.filter { $0.hasPrefix("Wait") }.count == 1 + 2 + 2 + 1 + 1)
        #expect(run.states.suffix(3) == ["Describe Dataset Group", "Notify Deleted", "Deleted"])
        guard case .succeeded = run.outcome else {
            Issue.record("ended with \(String(describing: run.outcome))")
            return
        }
    }

    @Test func `what is gone already is no fault`() throws {
        let gone = [Self.missing]
        let run = try run([
            "Delete Filter": gone, "Delete Campaign": gone, "Delete Solution": gone, "Delete Dataset": gone,
            "Delete Dataset Group": gone,
        ])
        #expect(run.states.suffix(3) == ["Delete Dataset Group", "Notify Deleted", "Deleted"])
    }

    @Test func `what is in use is tried again until it is not`() throws {
        let busy = DryRun.Answer.error("Personalize.ResourceInUseException", "training")
        let run = try run(["Delete Solution": [busy, busy, .output([:])]])
        #expect(run.parameters(of: "Delete Solution").count == 3 + 2)
        #expect(run.states.last == "Deleted")
    }

    @Test func `a group that cannot be deleted fails the run, told with Error and Cause`() throws {
        let run = try run(["Delete Dataset": [.error("Personalize.InvalidInputException", "no")]])
        #expect(run.states.suffix(2) == ["Notify Failure", "Failed"])
        #expect(run.outcome == .failed(StatesError(name: "Personalize.InvalidInputException", cause: "no")))
        let notice = run.parameters(of: "Notify Failure").first
        #expect(
            notice?["Message"] == "Resource Delete: State machine failed: Personalize.InvalidInputException : no"
        )
        #expect(notice?["MessageAttributes"]?["Outcome"]?["StringValue"] == "FAILED")
    }
}
