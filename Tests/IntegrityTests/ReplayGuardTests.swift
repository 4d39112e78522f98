import Testing

@testable import Integrity

@Suite struct ReplayGuardTests {
    private static func moment(_ second: Int) throws -> SignatureTimestamp {
        try #require(SignatureTimestamp("20130524T0000\(second < 10 ? "0" : "")\(second)Z"))
    }
    private static let start = 1_369_353_600

    private func take(
        _ guardian: ReplayGuard,
        _ signature: String,
        call: String = "1",
        signedAt second: Int = 0,
        after seconds: Int = 0
    ) throws {
        try guardian.take(signature, call: call, signedAt: Self.moment(second), now: Self.start + seconds)
    }

    @Test func `the same request is refused the second time, at once and later`() throws {
        let guardian = ReplayGuard()
        try take(guardian, "a")
        #expect(throws: SignatureFault.replayed) { try take(guardian, "a") }
        #expect(throws: SignatureFault.replayed) { try take(guardian, "a", after: 800) }
        try take(guardian, "b")
    }

    @Test func `two equal calls of one second are two, for a short while`() throws {
        let guardian = ReplayGuard()
        try take(guardian, "a", call: "1")
        try take(guardian, "a", call: "2", after: 1)
        #expect(throws: SignatureFault.replayed) { try take(guardian, "a", call: "2", after: 1) }
        #expect(throws: SignatureFault.replayed) { try take(guardian, "a", call: "3", after: 6) }
    }

    @Test func `where there are too many, what is as old as the forgotten ones is refused`() throws {
        let guardian = ReplayGuard(capacity: 3)
        for name in ["a", "b", "c"] { try take(guardian, name) }
        let later = try #require(SignatureTimestamp("20130524T000130Z"))
        try guardian.take("d", call: "1", signedAt: later, now: Self.start + 90)
        let error = #expect(throws: SignatureFault.self) { try take(guardian, "a", after: 91) }
        guard case .skewed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(throws: SignatureFault.replayed) {
            try guardian.take("d", call: "1", signedAt: later, now: Self.start + 92)
        }
    }
}
