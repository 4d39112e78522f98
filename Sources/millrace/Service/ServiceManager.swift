import Glibc
import Logging
import ServiceLifecycle

/// Tells the system's service manager how the service is, by the datagrams of `sd_notify(3)`.
///
/// A unit of `Type=notify` counts as started with `READY=1`; with `WatchdogSec=` the manager restarts a service that it
/// has not heard of for so long. Where no manager listens, nothing is told.
struct ServiceManager: Service {
    /// Where the manager listens: a path, or a name that begins with `@`.
    let socket: String
    /// How often it wants to hear of the service; `nil` when it does not.
    let watchdog: Duration?
    let clock: any Clock<Duration>
    let logger: Logger
    /// Whether the service does its work; while it does not, the manager does not hear of it.
    let isWell: @Sendable () async -> Bool

    /// The manager that has started this process; `nil` when none has, or none wants to be told.
    init?(
        environment: [String: String],
        clock: any Clock<Duration>,
        logger: Logger,
        isWell: @escaping @Sendable () async -> Bool
    ) {
        guard let socket = environment["NOTIFY_SOCKET"], socket.hasPrefix("/") || socket.hasPrefix("@") else {
            return nil
        }
        self.socket = socket
        let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog = isForUs && microseconds > 0 ? .microseconds(microseconds) : nil
        self.clock = clock
        self.logger = logger
        self.isWell = isWell
    }

    /// Tells that the service listens.
    func ready(_ status: String) { tell("READY=1\nSTATUS=\(status)") }

    /// Tells that the service is well, twice as often as it is to be heard of, and in the end that it stops.
    func run() async throws {
        if let watchdog {
            try? await cancelWhenGracefulShutdown {
                while true {
                    if await isWell() { tell("WATCHDOG=1") }
                    try await clock.sleep(for: watchdog / 2)
                }
            }
        } else {
            try await gracefulShutdown()
        }
        tell("STOPPING=1")
    }

    private func tell(_ message: String) {
        if let fault = Self.send(message, to: socket) {
            logger.warning(
                "the service manager cannot be told",
                metadata: ["socket": "\(socket)", "error": "\(fault)"]
            )
        }
    }

    /// Sends a datagram; what is wrong when it cannot be sent.
    private static func send(_ message: String, to path: String) -> String? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        // A name that is no file is written with a null character first.
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < capacity else { return "its path is longer than \(capacity - 1) bytes" }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = MemoryLayout<sa_family_t>.size + bytes.count + (bytes.first == 0 ? 0 : 1)
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return fault() }
        defer { close(descriptor) }
        let text = Array(message.utf8)
        let sent = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), pointer, socklen_t(length))
            }
        }
        return sent == text.count ? nil : fault()
    }

    private static func fault() -> String {
        unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    }
}
