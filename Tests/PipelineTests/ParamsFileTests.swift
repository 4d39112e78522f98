import FoundationEssentials
import JSON
import Scheduler
import Testing

@testable import Pipeline

@Suite struct ParamsFileTests {
    @Test func `the older shape has one solution and one campaign`() throws {
        let configuration = try ParamsFile.read(Samples.older)
        #expect(configuration.name == "DatasetGroup")
        #expect(configuration.datasets.map(\.type) == ["Interactions", "Users"])
        #expect(configuration.solutions.map(\.path) == ["solution"])
        #expect(configuration.solutions.map(\.name) == ["Solution"])
        #expect(configuration.solutions.flatMap(\.campaigns).map(\.name) == ["Campaign"])
        #expect(configuration.eventTracker == nil)
        #expect(configuration.filters.isEmpty)
        #expect(configuration.schedules == nil)
        #expect(configuration.notifications == [])
    }

    @Test func `the newer shape has solutions, their campaigns, a tracker and filters`() throws {
        let configuration = try ParamsFile.read(Samples.newer)
        #expect(
            configuration.solutions.map(\.path) == Samples.newer["solutions"]?.object?.keys.map { "solutions.\($0)" }
        )
        #expect(configuration.solutions.flatMap(\.campaigns).map(\.name) == ["up", "sims", "rank"])
        #expect(configuration.eventTracker == ["name": "clicks"])
        #expect(configuration.filters.map { $0["name"] } == ["unseen"])
    }

    @Test(arguments: ["eventTracker", "filters", "campaigns.simsCampaign"])
    func `the newer shape does without`(_ path: String) throws {
        let configuration = try ParamsFile.read(Samples.newer.with(path, nil))
        #expect(configuration.solutions.count == 3)
        #expect(
            configuration.solutions.first { $0.name == "sims" }?.campaigns.isEmpty == true || !path.contains("sims")
        )
    }

    @Test(arguments: ["example/params.json", "example/minimal.json"])
    func `the files of the example are valid`(_ path: String) throws {
        #expect(try ParamsFile.read(Samples.file(path)).name.hasPrefix("movielens"))
    }

    @Test func `how schedules behave, digests and drift are read`() throws {
        let file = Samples.small
            .with(
                "schedules",
                [
                    "full": "cron(0 4 * * ? *)", "overlap": "queue", "catchUp": "all", "jitter": "15 minutes",
                    "grace": "2 hours",
                ]
            )
            .with("notifications", [["mail": "me@example.org", "digest": "1 day"]])
            .with("drift", ["threshold": 0.3, "action": "retrain"])
        let configuration = try ParamsFile.read(file)
        #expect(configuration.schedules?.overlap == .queue)
        #expect(configuration.schedules?.catchUp == .all)
        #expect(configuration.notifications?.map(\.digest?.seconds) == [86_400])
        #expect(configuration.drift?["action"] == "retrain")
        let run = PipelineRun(bucket: "films", key: "params.json", date: .distantPast, suffix: "1", mode: .full)
        let definition = try #require(try SchedulePlan.definitions(of: configuration, run: run).first)
        #expect(definition.overlap == .queue && definition.catchUp == .all)
        #expect(definition.flexibleMinutes == 15 && definition.grace == 7_200)
        #expect(try ParamsFile.read(configuration.written(as: .sample).json) == configuration)
    }

    @Test func `how schedules behave and digests are refused with what was probably meant`() {
        let file = Samples.small
            .with(
                "schedules",
                [
                    "full": "cron(0 4 * * ? *)", "overlap": "queu", "catchUp": "never", "jitter": "2 days",
                    "grace": "soon",
                ]
            )
            .with("notifications", [["mail": "me@example.org", "digest": "1 second"]])
        #expect(
            PipelineConfiguration.faults(file) == [
                "schedules.overlap \"queu\" is not known, did you mean \"queue\"?",
                "schedules.catchUp \"never\" is not known; write one of \"once\", \"all\", \"skip\"",
                "schedules.jitter \"2 days\" must be a length of time from a minute to a day, such as \"15 minutes\"",
                "schedules.grace \"soon\" must be a length of time from 0 seconds to a year, such as \"15 minutes\"",
                "notifications[0].digest \"1 second\" must be a length of time from a minute to 30 days, such as \"1 day\"",
            ]
        )
    }

    @Test func `schedules and notifications are read`() throws {
        let file = Samples.small
            .with("schedules", ["full": "cron(0 4 * * ? *)", "import": "rate(6 hours)", "timezone": "Europe/Berlin"])
            .with("notifications", [["webhook": "https://example.org/hook"], ["mail": "me@example.org"]])
        let configuration = try ParamsFile.read(file)
        #expect(configuration.schedules?.full == "cron(0 4 * * ? *)")
        #expect(configuration.schedules?.imports == "rate(6 hours)")
        #expect(configuration.schedules?.timeZone == "Europe/Berlin")
        #expect(configuration.notifications == [.webhook("https://example.org/hook"), .mail("me@example.org")])
    }

    @Test func `a schema may be a string, as the API takes it`() throws {
        let text = try #require(Samples.interactions["schema"]?.text)
        let file = Samples.small.with("datasets.Interactions.schema", .string(text))
        #expect(try ParamsFile.read(file) == ParamsFile.read(Samples.small))
    }

    @Test func `a byte order mark before the text does no harm`() throws {
        let text = Array("\u{FEFF}\(Samples.small.text)".utf8)
        #expect(try ParamsFile.read(text) == ParamsFile.read(Samples.small))
    }
}
