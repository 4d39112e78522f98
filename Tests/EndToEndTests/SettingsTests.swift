import ArgumentParser
import Integrity
import Personalize
import Pipeline
import TestSupport
import Testing

@testable import millrace

/// What a service is set by.
@Suite struct SettingsTests {
    private static func read(_ environment: [String: String], file: String? = nil) async throws -> Settings {
        let directory = try TemporaryDirectory()
        if let file { try directory.write(file, to: "config.json") }
        let options = try ServiceOptions.parse(["--home", directory.path])
        return try await Settings.read(options, environment: environment)
    }

    @Test func `what is set about the recommender comes from the environment, then from the file`() async throws {
        let settings = try await Self.read(
            [
                "MILLRACE_MAXIMUM_PUT_SNAPSHOTS": "3", "MILLRACE_BATCH_PART_SIZE": "7", "MILLRACE_REGION": "eu-west-1",
            ],
            file: """
                {"maximum": {"put": {"snapshots": 5}, "deletion": {"bytes": 99}, "filters": 30,
                "filter": {"fields": 10}, "filtered": {"fields": 20}, "pending": {"jobs": 4}, "resources": 11,
                "live": {"events": 12, "records": 13}}, "history": {"length": 14}, "minimum": {"interactions": 15}}
                """
        )
        let personalize = settings.personalize
        #expect(personalize.maximumPutSnapshots == 3)
        #expect(personalize.batchPartSize == 7)
        #expect(settings.region == "eu-west-1")
        #expect(personalize.maximumDeletionFileSize == 99)
        #expect(personalize.maximumFiltersPerGroup == 30)
        #expect(personalize.maximumFieldsPerFilter == 10)
        #expect(personalize.maximumFilteredFieldsPerGroup == 20)
        #expect(personalize.maximumPendingImports == 4)
        #expect(personalize.maximumResourcesPerKind == 11)
        #expect(personalize.maximumLiveEvents == 12)
        #expect(personalize.maximumLiveRecords == 13)
        #expect(personalize.historyLength == 14)
        #expect(personalize.minimumInteractions == 15)
        #expect(personalize.minimumUsers == 25)
    }

    @Test(arguments: ["0", "-1", "many", "1.5"])
    func `a limit is a whole number from 1`(value: String) async throws {
        let error = await #expect(throws: CommandError.self) {
            try await Self.read(["MILLRACE_MAXIMUM_FILTERS": value])
        }
        #expect(error?.message == "setting maximum.filters \"\(value)\" must be a whole number from 1")
    }

    @Test func `the file may hold lists of objects beside settings, nested or with dots`() async throws {
        let file = """
            {"connections": [{"Name": "shop"}], "region": "eu-west-1", "http.host": "localhost", "http": {"port": 8651},
            "buckets": ["films=/films"]}
            """
        let settings = try await Self.read([:], file: file)
        #expect(settings.connections.map(\.name) == ["shop"])
        #expect(settings.personalize.region == "eu-west-1" && settings.host == "localhost" && settings.port == 8651)
        #expect(settings.buckets.map(\.name) == ["films"])
        let error = await #expect(throws: CommandError.self) { try await Self.read([:], file: #"{"region": }"#) }
        #expect(error?.message.contains("it is not valid JSON") == true)
    }

    @Test func `keys come from the environment, then from the file`() async throws {
        let file = #"{"access": {"keys": ["file:secret-of-the-file", "second:another-secret"]}}"#
        let environment = ["MILLRACE_ACCESS_KEYS": "one:secret:with:colons,two:another-secret"]
        #expect(try await Self.read(environment, file: file).accessKeys.map(\.id) == ["one", "two"])
        #expect(try await Self.read(environment, file: file).accessKeys[0].secret == "secret:with:colons")
        #expect(try await Self.read([:], file: file).accessKeys.map(\.id) == ["file", "second"])
        #expect(try await Self.read([:]).accessKeys.isEmpty)
    }

    @Test(arguments: ["one", "one:short", ":long-enough", "a b:long-enough"])
    func `a key that cannot be is told with its place`(value: String) async throws {
        let error = await #expect(throws: CommandError.self) { try await Self.read(["MILLRACE_ACCESS_KEYS": value]) }
        #expect(error?.message.hasPrefix("setting access.keys, pair 1") == true)
    }
}
