import Foundation
import JSON
import Testing

@testable import Personalize

/// Which changes of a resource are told, and how.
@Suite struct StateChangeTests {
    private let made = Date(timeIntervalSince1970: 1_800_000_000)

    private func campaign(_ status: ResourceStatus?, update: String? = nil, reason: String? = nil) -> Resource? {
        guard let status else { return nil }
        var body: JSON = [:]
        if let update {
            body["latestCampaignUpdate"] = ["status": .string(update), "creationDateTime": 1_800_000_100]
            body["latestCampaignUpdate"]?["failureReason"] = reason.map(JSON.string)
        }
        if status == .createFailed { body["failureReason"] = reason.map(JSON.string) }
        return Resource(
            arn: arn("campaign/pick"),
            kind: .campaign,
            name: "pick",
            parentArn: nil,
            status: status,
            body: body,
            createdAt: made,
            updatedAt: made
        )
    }

    private func change(_ old: Resource?, _ new: Resource?, after seconds: Double) -> StateChange? {
        StateChange.between(old, new, at: made.addingTimeInterval(seconds))
    }

    @Test func `a creation is told at its beginning and its end, with how long it took`() throws {
        let begun = try #require(change(nil, campaign(.createPending), after: 0))
        #expect(begun.status == .creating && begun.duration == nil && begun.arn == arn("campaign/pick"))
        #expect(change(campaign(.createPending), campaign(.createInProgress), after: 1) == nil)
        let ended = try #require(change(campaign(.createInProgress), campaign(.active), after: 312.7))
        #expect(ended.status == .active && ended.duration == 312)
        let failed = change(campaign(.createInProgress), campaign(.createFailed, reason: "too few"), after: 5)
        #expect(failed?.status == .createFailed && failed?.failureReason == "too few" && failed?.duration == 5)
        #expect(change(nil, campaign(.active), after: 0)?.duration == 0)
    }

    @Test func `an update is told from its own beginning`() throws {
        let updating = campaign(.active, update: "CREATE PENDING")
        #expect(change(campaign(.active), updating, after: 100)?.status == .updating)
        #expect(change(updating, campaign(.active, update: "CREATE IN_PROGRESS"), after: 101) == nil)
        let done = change(updating, campaign(.active, update: "ACTIVE"), after: 130)
        #expect(done?.status == .active && done?.duration == 30)
        let failed = change(updating, campaign(.active, update: "CREATE FAILED", reason: "gone"), after: 110)
        #expect(failed?.status == .updateFailed && failed?.failureReason == "gone" && failed?.duration == 10)
    }

    @Test func `what goes is told, what stays as it is not`() {
        #expect(change(campaign(.active), campaign(.deletePending), after: 1)?.status == .deleting)
        #expect(change(campaign(.deleteInProgress), nil, after: 2)?.status == .deleted)
        #expect(change(campaign(.active), nil, after: 2)?.status == .deleted)
        #expect(change(campaign(.active), campaign(.active), after: 3) == nil)
        #expect(change(nil, nil, after: 3) == nil)
    }

    @Test func `kinds are told in words`() {
        let words = Set(ResourceKind.allCases.map(\.words))
        #expect(words.isSuperset(of: ["Dataset Group", "Dataset", "Schema", "Solution Version", "Dataset Import Job"]))
    }
}
