import Glibc

/// How many files and connections the process may have open.
enum OpenFiles {
    /// What the database, the models and the clients of our own need beside the server's connections.
    private static let reserved = 256

    /// Raises the limit as far as the system allows, and says how many connections the server may have within it.
    ///
    /// Thousands of workers may poll at once, each with a connection of its own; what shells give is often 1,024.
    static func connectionLimit() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 512 }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 512 }
        return max(64, min(16_384, Int(clamping: limit.rlim_cur) - reserved))
    }
}
