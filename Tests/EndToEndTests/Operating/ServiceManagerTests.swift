import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import millrace

/// What the system's service manager is told, by a socket as it has one.
@Suite struct ServiceManagerTests {
    /// The manager's end.
    private final class Manager: Sendable {
        private let descriptor: Int32

        init(at path: String) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            var bytes = Array(path.utf8)
            if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
            let name = bytes
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
            let length = socklen_t(2 + bytes.count + (bytes.first == 0 ? 0 : 1))
            let result = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, length) }
            }
            try #require(result == 0)
        }

        deinit { close(descriptor) }

        /// The next datagram.
        func next() async -> String {
            let descriptor = descriptor
            return await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    var buffer = [UInt8](repeating: 0, count: 4096)
                    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
                    continuation.resume(returning: String(decoding: buffer.prefix(max(0, count)), as: UTF8.self))
                }
            }
        }
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `the real program says when it listens, that it is well, and when it stops`() async throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.file("films"), withIntermediateDirectories: true)
        // Paths of sockets are short.
        let path = "/tmp/millrace-\(UInt32.random(in: .min ... .max)).socket"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let manager = try Manager(at: path)
        let service = try await MillraceProcess(
            home: directory.file("home"),
            bucket: directory.file("films"),
            environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"]
        )
        var heard: [String] = []
        while !heard.contains("WATCHDOG=1")
            || !heard.contains(where: { $0.hasPrefix("READY=1\nSTATUS=Listening on port") })
        {
            heard.append(await manager.next())
        }
        #expect(heard.count < 20)
        service.terminate()
        var last = ""
        while last != "STOPPING=1" {
            last = await manager.next()
            #expect(last == "STOPPING=1" || last == "WATCHDOG=1")
        }
    }

    @Test func `the manager does not hear of a service that is not well, and hears again when it is`() async throws {
        let name = "@millrace-\(UInt32.random(in: .min ... .max))"
        let manager = try Manager(at: name)
        let clock = ManualClock()
        let (looks, looked) = AsyncStream.makeStream(of: Int.self)
        let isWell = Answers([false, false, true])
        let notifier = try #require(
            ServiceManager(
                environment: ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "\(getpid())"],
                clock: clock,
                logger: Self.logger
            ) {
                let answer = await isWell.next()
                looked.yield(await isWell.count)
                return answer
            }
        )
        #expect(notifier.watchdog == .seconds(10))
        let task = Task { try await notifier.run() }
        for await number in looks {
            if number == 3 { break }
            await clock.sleepers()
            clock.advance(by: .seconds(5))
        }
        // The first thing that is told is told by the third look.
        #expect(await manager.next() == "WATCHDOG=1")
        task.cancel()
        try await task.value
        #expect(await manager.next() == "STOPPING=1")
    }

    @Test func `without a manager nothing is told, and a watchdog of another process is none`() {
        func manager(_ environment: [String: String]) -> ServiceManager? {
            ServiceManager(environment: environment, clock: ContinuousClock(), logger: Self.logger) { true }
        }
        #expect(manager([:]) == nil)
        #expect(manager(["NOTIFY_SOCKET": "relative"]) == nil)
        let other = manager(["NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"])
        #expect(other?.watchdog == nil && other != nil)
    }

    /// Answers one after another, the last for ever.
    private actor Answers {
        private let answers: [Bool]
        private(set) var count = 0

        init(_ answers: [Bool]) { self.answers = answers }

        func next() -> Bool {
            defer { count += 1 }
            return answers[min(count, answers.count - 1)]
        }
    }
}
