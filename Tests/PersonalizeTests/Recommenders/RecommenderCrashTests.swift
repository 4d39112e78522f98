import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

@Suite struct RecommenderCrashTests {
    private static let cinema = Shop(domain: .videoOnDemand, users: 24, items: 16)
    private static let recipe = "aws-vod-more-like-x"
    private static let name: JSON = ["recommenderArn": .string(arn("recommender/aws-vod-more-like-x"))]
    private static let update: JSON = [
        "recommenderArn": .string(arn("recommender/aws-vod-more-like-x")),
        "recommenderConfig": ["trainingDataConfig": ["excludedDatasetColumns": ["Items": ["GENRES"]]]],
    ]

    /// Makes a recommender, trains it again, stops and starts it; each step only where it has not been done.
    private static func live(_ test: ServiceUnderTest) async throws {
        let arn = name["recommenderArn"]?.string ?? ""
        if await test.code("DescribeRecommender", name) == .resourceNotFound {
            try await test.call("CreateRecommender", ServiceUnderTest.recommender(recipe))
        }
        if try await test.service.waitUntilSettled(arn) == .inactive {
            try await test.call("StartRecommender", name)
            _ = try await test.service.waitUntilSettled(arn)
        }
        if try await test.describeRecommender(arn)["latestRecommenderUpdate"] == nil {
            try await test.call("UpdateRecommender", update)
            _ = try await test.service.waitUntilSettled(arn)
        }
        try await test.call("StopRecommender", name)
        _ = try await test.service.waitUntilSettled(arn)
        try await test.call("StartRecommender", name)
        _ = try await test.service.waitUntilSettled(arn)
    }

    /// The process dies before transaction n.
    @Test(arguments: 0..<13)
    func `a recommender survives the end of the process at any transaction`(crash: Int) async throws {
        let fuse = CrashFuse()
        let test = try ServiceUnderTest({ $0.minimumInteractions = 50 }, onTransaction: { _ in try fuse.burn() })
        try await test.running { try await test.prepareShop(Self.cinema) }
        fuse.arm(crash)
        await fuse.run { try await test.running { try await Self.live(test) } }
        #expect(fuse.isBurnt == (crash < 12), "there are twelve transactions")
        let again = try test.restarted()
        try await again.running {
            try await Self.live(again)
            let described = try await again.describeRecommender(Self.name["recommenderArn"]?.string ?? "")
            #expect(described["status"] == "ACTIVE", "crash before transaction \(crash)")
            #expect(described["latestRecommenderUpdate"]?["status"] == "ACTIVE")
            #expect(described["recommenderConfig"]?["trainingDataConfig"] != nil)
            #expect(try !again.ask(arn("recommender/\(Self.recipe)"), "u0", item: "i0").isEmpty)
        }
        let last = try again.restarted()
        try await last.service.recover()
        #expect(try last.modelFiles().count == 2, "crash before transaction \(crash)")
        #expect(try !last.ask(arn("recommender/\(Self.recipe)"), "u0", item: "i0").isEmpty)
    }
}
