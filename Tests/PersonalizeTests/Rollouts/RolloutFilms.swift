import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Personalize

/// One campaign and the data that its versions are trained on.
extension ServiceUnderTest {
    static let group = Films(users: 2000, items: 40)
    static let campaign = arn("campaign/pick")

    /// The films with each event's item taken from another event: nobody's taste is in it.
    static var shuffled: String {
        var lines = group.interactions().split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
        var draws = SequentialTestTests.Draws(state: 7)
        let items = lines.dropFirst().map { $0[1] }.shuffled(using: &draws)
        for (line, item) in zip(1..., items) { lines[line][1] = item }
        return lines.map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n"
    }

    /// Replaces the interactions, as a drop does.
    func drop(_ name: String, _ text: String) async throws {
        try directory.write(text, to: "bucket/\(name)/a.csv")
        let imported = try await importFiles(name, "INTERACTIONS", "s3://bucket/\(name)/")
        #expect(imported.status == .active)
    }

    /// Trains the solution again.
    func trainAgain() async throws -> String {
        let version = try await create("CreateSolutionVersion", ["solutionArn": .string(arn("solution/pick"))])
        #expect(version.status == .active)
        return version.arn
    }

    /// A campaign whose first version is trained on the films, or on what is shuffled.
    func serveFirst(isShuffled: Bool = false) async throws -> String {
        try await prepareFilms(Self.group)
        if isShuffled { try await drop("first", Self.shuffled) }
        _ = try await serve("pick", recipe: "aws-user-personalization")
        return try await servedVersion()
    }

    func servedVersion() async throws -> String {
        try #require(service.runtime.servedVersion(Self.campaign))
    }

    /// Asks for a version as the pipeline does; answers the decision.
    @discardableResult
    func move(to version: String) async throws -> JSON? {
        let input: JSON = ["campaignArn": .string(Self.campaign), "solutionVersionArn": .string(version)]
        let answer = try await service.moveCampaign(input)
        _ = try await service.waitUntilSettled(Self.campaign)
        return answer["promotion"]
    }

    func policy(_ policy: JSON) async throws {
        try await service.putPromotionPolicy(policy, of: Self.campaign)
    }

    /// The decisions, the newest first.
    func decisions() async throws -> [String] {
        let rollout = try await service.describeRollout(of: Self.campaign)
        return (rollout["decisions"]?.array ?? []).compactMap { $0["decision"]?.string }
    }

    /// Lets each user be answered once, and do what he does when the first item is of his camp, or is not: take an item
    /// of the answer, or find one of his camp by himself.
    ///
    /// - Returns: Which version answered whom.
    func traffic(
        users: Range<Int>,
        tracking: String,
        rates: (own: Double, other: Double),
        findsAlone: Bool = false
    ) async throws -> [String: Int64] {
        var draws = SequentialTestTests.Draws(state: 11)
        var versions: [String: Int64] = [:]
        for user in users {
            let input: JSON = [
                "campaignArn": .string(Self.campaign), "userId": .string("u\(user)"), "numResults": 10,
            ]
            let answer = try service.runtime.getRecommendations(input)
            let id = try #require(answer["recommendationId"]?.string)
            versions["u\(user)"] = try RecommendationID(id).source.version
            let items = (answer["itemList"]?.array ?? []).compactMap { $0["itemId"]?.string }
            // Who takes anything takes the first item of his own camp.
            let isOwn = { (item: String) in (Int(item.dropFirst()) ?? 0) % 2 == user % 2 }
            let first = try #require(items.first)
            guard draws.isHit(isOwn(first) ? rates.own : rates.other) else { continue }
            var event: JSON = [
                "eventType": "watch", "itemId": .string(items.first(where: isOwn) ?? first), "sentAt": 1_800_000_000,
            ]
            if findsAlone {
                event["itemId"] = Self.group.unseen(user).min().map(JSON.string)
            } else {
                event["recommendationId"] = .string(id)
            }
            _ = try await service.putEvents([
                "trackingId": .string(tracking), "userId": .string("u\(user)"), "sessionId": "s", "eventList": [event],
            ])
        }
        return versions
    }
}
