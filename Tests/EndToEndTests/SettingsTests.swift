import ArgumentParser
import Personalize
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
}
