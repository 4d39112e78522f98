import FoundationEssentials
import Logging
import SQLiteStore
import Synchronization
import TestSupport
import Testing

@testable import Personalize

@Suite struct SealingShutdownTests {
    /// Keeps what is told at the levels that ask somebody to act.
    private final class Alarms: Sendable {
        private let messages = Mutex<[String]>([])

        var all: [String] { messages.withLock(\.self) }

        var logger: Logger { Logger(label: "test") { _ in Handler(alarms: self) } }

        private struct Handler: LogHandler {
            let alarms: Alarms
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.warning

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) { alarms.messages.withLock { $0.append("\(event.message)") } }
        }
    }

    /// A second service on the store, which tells what happens.
    private func service(_ test: ServiceUnderTest, _ alarms: Alarms) throws -> PersonalizeService {
        try PersonalizeService(
            store: test.store,
            objects: FolderSource(root: test.directory.file("bucket")),
            home: test.directory.file("home"),
            now: { test.clock.date },
            clock: test.clock,
            makeID: { UUID() },
            logger: alarms.logger
        )
    }

    @Test func `sealing that a shutdown interrupts is no news, and loses nothing`() async throws {
        let test = try ServiceUnderTest()
        let tracking = try await test.running { try await test.prepareLiveFilms() }
        let interactions = arn("dataset/films/INTERACTIONS")
        try await test.put(["i1"], by: "u", tracking: tracking)
        let alarms = Alarms()
        let service = try service(test, alarms)
        let sealing = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            await service.sealInBackground(interactions)
        }
        await sealing.value
        #expect(alarms.all == [])
        #expect(try await test.store.liveBatches(of: interactions, after: 0, limit: 9).count == 1)
        await service.sealInBackground(interactions)
        #expect(try await test.store.liveBatches(of: interactions, after: 0, limit: 9) == [])
    }

    @Test func `sealing that fails is told`() async throws {
        let test = try ServiceUnderTest()
        try await test.running { try await test.prepareFilms() }
        let alarms = Alarms()
        let service = try service(test, alarms)
        try test.store.close()
        await service.sealInBackground(arn("dataset/films/INTERACTIONS"))
        #expect(alarms.all == ["personalize failed", "records not sealed"])
    }
}
