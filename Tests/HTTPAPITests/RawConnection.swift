import Dispatch
import Glibc

/// A TCP connection that sends what a well-behaved client would not.
final class RawConnection: Sendable {
    private let descriptor: Int32

    struct Failure: Error { let call: String, errno: Int32 }

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(call: "connect", errno: errno) }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let sent = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { throw Failure(call: "send", errno: errno) }
            bytes = bytes.dropFirst(sent)
        }
    }

    /// Sends more than the connection holds, as fast as the server takes it.
    func sendPatiently(_ text: String) async throws {
        _ = try await onThread {
            try self.send(text)
            return ""
        }
    }

    /// Says that no more is sent; answers are still read.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// What the server sends first.
    func firstBytes() async throws -> String {
        try await onThread { try String(decoding: self.receive(), as: UTF8.self) }
    }

    /// All that the server sends until it closes.
    func untilClosed() async throws -> String {
        try await onThread {
            var all: [UInt8] = []
            while true {
                let bytes = try self.receive()
                guard !bytes.isEmpty else { return String(decoding: all, as: UTF8.self) }
                all += bytes
            }
        }
    }

    /// Blocks a thread of its own: the server under test needs the pool's.
    private func onThread(_ body: @escaping @Sendable () throws -> String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result(catching: body)) }
        }
    }

    private func receive() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count < 0 && errno == ECONNRESET { return [] }
        guard count >= 0 else { throw Failure(call: "recv", errno: errno) }
        return Array(buffer.prefix(count))
    }
}

/// An answer as it stood on the wire.
struct RawAnswer: Sendable {
    let status: Int
    /// By names in small letters.
    let headers: [String: String]
    let body: String

    struct NotUnderstood: Error { let text: String }

    init(_ text: String) throws {
        guard let end = text.firstRange(of: "\r\n\r\n") else { throw NotUnderstood(text: text) }
        let lines = text[..<end.lowerBound].split(separator: "\r\n").map(String.init)
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw NotUnderstood(text: text)
        }
        self.status = status
        let fields = lines.dropFirst().map { $0.split(separator: ": ", maxSplits: 1).map(String.init) }
        headers = Dictionary(fields.map { ($0[0].lowercased(), $0.count > 1 ? $0[1] : "") }) { _, last in last }
        body = String(text[end.upperBound...])
    }
}
