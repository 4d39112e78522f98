import JSON
import SQLiteStore
import Synchronization
import TestSupport
import Testing

@testable import Personalize

/// The process dies at any transaction of counting, sealing and reporting.
@Suite struct MetricCrashTests {
    private struct Crash: Error {}

    /// Lets so many transactions pass once it is armed, and none after.
    private final class Fuse: Sendable {
        private let left = Mutex<Int?>(nil)

        func arm(_ transactions: Int) { left.withLock { $0 = transactions } }

        func burn() throws {
            let isBurnt = left.withLock { left in
                guard let count = left else { return false }
                left = max(count - 1, 0)
                return count == 0
            }
            if isBurnt { throw Crash() }
        }
    }

    @Test(arguments: 0..<14)
    func `every event is in its window and its report once`(crash: Int) async throws {
        let fuse = Fuse()
        let test = try ServiceUnderTest({ _ in }, onTransaction: { _ in try fuse.burn() })
        let tracking = try await test.running {
            let tracking = try await test.prepareLiveFilms(Films(users: 20, items: 12))
            try await test.measure(watches, revenue)
            return tracking
        }
        fuse.arm(crash)
        for number in 0..<4 { try? await Self.put(number, tracking, to: test) }
        _ = try? await test.service.metricWindows(of: ServiceUnderTest.attribution)
        for number in 4..<6 { try? await Self.put(number, tracking, to: test) }
        _ = try? await test.service.seal(arn("dataset/films/INTERACTIONS"))
        try? await Self.put(6, tracking, to: test)
        test.clock.advance(by: .seconds(900))
        _ = try? await test.service.report(ServiceUnderTest.attribution)
        let again = try test.restarted()
        try await again.running {
            for number in 0..<8 { try await Self.put(number, tracking, to: again) }
            try await again.importFiles("seen-2", "INTERACTIONS", "s3://bucket/Interactions/")
            await again.clock.sleepers()
            again.clock.advance(by: .seconds(900))
            await again.clock.sleepers()
            #expect(
                try await again.windows() == ["0 watches SOURCE_NAME_UNDEFINED 8.0"],
                "crash before transaction \(crash)"
            )
        }
        let reports = try again.reports()
        #expect(reports.count == 1)
        #expect(reports.values.first?.contains("watches,watch,8.0,") == true, "crash before transaction \(crash)")
    }

    private static func put(_ number: Int, _ tracking: String, to test: ServiceUnderTest) async throws {
        let time = 1_800_000_000 + number
        try await test.putEvent("watch", "i\(number)", at: time, id: "e\(number)", tracking: tracking)
    }
}
