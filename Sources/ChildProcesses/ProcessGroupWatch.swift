internal import DurableFiles
internal import Glibc
internal import Synchronization

/// Keeps the limits of whole process groups, which the system has none for: one look at all processes some times a
/// second, for all groups together, while there is one.
final class ProcessGroupWatch: Sendable {
    /// One for the process, as there is one table of processes.
    static let shared = ProcessGroupWatch()

    private static let interval: UInt32 = 150_000
    private static let pageSize = UInt64(sysconf(Int32(_SC_PAGESIZE)))

    private let state = Mutex(State())

    private struct State {
        var groups: [pid_t: Group] = [:]
        var isRunning = false
    }

    private struct Group {
        let limits: ProcessLimits
        let exceeded: @Sendable (ProcessEnding.Limit) -> Void
    }

    /// What a group uses.
    struct Usage: Equatable {
        var threads = 0
        var pages: UInt64 = 0
    }

    /// Watches a group until it is removed.
    ///
    /// - Returns: Whether there is anything to watch for.
    func add(
        _ group: pid_t,
        _ limits: ProcessLimits,
        exceeded: @escaping @Sendable (ProcessEnding.Limit) -> Void
    ) -> Bool {
        guard limits.residentMemory != nil || limits.processes != nil else { return false }
        let startsThread = state.withLock { state in
            state.groups[group] = Group(limits: limits, exceeded: exceeded)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if startsThread, !MonitorThread.start({ self.run() }) { state.withLock { $0.isRunning = false } }
        return true
    }

    func remove(_ group: pid_t) {
        state.withLock { _ = $0.groups.removeValue(forKey: group) }
    }

    private func run() {
        // A group that takes all processors must not keep it from looking; it is let pass where it has no right to that.
        _ = nice(-10)
        while true {
            usleep(Self.interval)
            let groups = state.withLock { state in
                if state.groups.isEmpty { state.isRunning = false }
                return state.groups
            }
            if groups.isEmpty { return }
            for (id, usage) in Self.usage() {
                guard let group = groups[id], let limit = Self.exceeded(group.limits, usage) else { continue }
                group.exceeded(limit)
            }
        }
    }

    private static func exceeded(_ limits: ProcessLimits, _ usage: Usage) -> ProcessEnding.Limit? {
        if let most = limits.processes, usage.threads > most { return .processes }
        if let most = limits.residentMemory, usage.pages * pageSize > most { return .residentMemory }
        return nil
    }

    /// What each process group uses now.
    private static func usage() -> [pid_t: Usage] {
        var usages: [pid_t: Usage] = [:]
        var buffer = [UInt8](repeating: 0, count: 1_024)
        let names = (try? DirectoryListing.names(in: "/proc")) ?? []
        for name in names where name.utf8.allSatisfy({ (48...57).contains($0) }) {
            let descriptor = unsafe open("/proc/\(name)/stat", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            let count = unsafe read(descriptor, &buffer, buffer.count)
            close(descriptor)
            guard count > 0, let (group, usage) = process(buffer[..<count]) else { continue }
            usages[group, default: Usage()].threads += usage.threads
            usages[group, default: Usage()].pages += usage.pages
        }
        return usages
    }

    /// Reads a line of `/proc/…/stat`; the name in it, between brackets, may have brackets and spaces.
    static func process(_ line: ArraySlice<UInt8>) -> (group: pid_t, usage: Usage)? {
        guard let bracket = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[bracket...].dropFirst(2).split(separator: UInt8(ascii: " "))
        guard fields.count > 21 else { return nil }
        func number(_ index: Int) -> Int64 { Int64(String(decoding: fields[index], as: UTF8.self)) ?? 0 }
        let isGone = fields[0].first == UInt8(ascii: "Z") || fields[0].first == UInt8(ascii: "X")
        let usage = Usage(threads: isGone ? 0 : Int(number(17)), pages: UInt64(max(number(21), 0)))
        return (pid_t(number(2)), usage)
    }
}
