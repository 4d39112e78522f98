internal import Glibc
internal import Personalize

/// Ports of the loopback address that nobody listens on.
enum LoopbackPort {
    /// A port that is free now; whoever is to listen on it must do so soon.
    ///
    /// - Throws: `ProgramFault` when the system gives none.
    static func free() throws(ProgramFault) -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw refused() }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe bind(descriptor, address, length) == 0 else { return Int32(-1) }
                return unsafe getsockname(descriptor, address, &length)
            }
        }
        guard status == 0 else { throw refused() }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func refused() -> ProgramFault {
        let fact = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
        return ProgramFault(.unavailable, "the system gives no port to serve a model at: \(fact)")
    }
}
