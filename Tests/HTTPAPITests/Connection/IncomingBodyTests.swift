import NIOCore
import Synchronization
import Testing

@testable import HTTPAPI

@Suite struct IncomingBodyTests {
    private final class Calls: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func note() { count.withLock { $0 += 1 } }
    }

    private static func bytes(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: 7, count: count) }

    @Test func `a client that was held up is let go on once its reader has made room, whatever came meanwhile`()
        async throws
    {
        let calls = Calls()
        let body = IncomingBody { calls.note() }
        #expect(body.append(Self.bytes(700_000)))
        #expect(!body.append(Self.bytes(700_000)), "more than a MiB waits")
        _ = try await body.next()
        // Below the bound again, but not yet low enough: it is still held up.
        #expect(!body.append(Self.bytes(1000)))
        #expect(calls.value == 0)
        _ = try await body.next()
        #expect(calls.value == 1)
        #expect(body.append(Self.bytes(1000)))
        body.finish()
        #expect(try await body.next()?.count == 1000)
        #expect(try await body.next()?.count == 1000)
        #expect(try await body.next() == nil)
        #expect(body.isAtEnd && calls.value == 1)
    }

    @Test func `a reader that waits gets what comes, and learns that the client has left`() async throws {
        let body = IncomingBody {}
        let first = Task { try await body.next() }
        #expect(body.append(Self.bytes(3)))
        #expect(try await first.value?.count == 3)
        let second = Task { try await body.next() }
        body.finish(IncomingBody.CutOff())
        await #expect(throws: IncomingBody.CutOff.self) { try await second.value }
        #expect(!body.isAtEnd)
    }
}
