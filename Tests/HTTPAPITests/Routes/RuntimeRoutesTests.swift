import FoundationEssentials
import HTTPAPI
import Logging
import Personalize
import Pipeline
import SQLiteStore
import TestSupport
import Testing

/// The operations of Personalize that have paths of their own.
@Suite struct RuntimeRoutesTests {
    @Test func `they are those that the manual lists`() throws {
        let home = try TemporaryDirectory()
        let service = try PersonalizeService(
            store: try SQLiteStore.inMemory(),
            objects: BucketDirectory([]),
            home: home.path,
            now: { Date() },
            makeID: { UUID() },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let routes = RESTRoute.runtime(service.runtime) + RESTRoute.puts(service)
        #expect(routes.map(\.path).sorted() == PersonalizeService.operations.compactMap(\.path).sorted())
    }
}
