import Foundation
import HTTPAPI

/// What this process takes of the machine, under the names that all of Prometheus's clients use.
enum ProcessFigures {
    /// The metrics; those that the system does not tell are left out.
    static var families: [MetricFamily] {
        let fields = statistics
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))
        var limit = rlimit()
        let hasLimit = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let openFiles = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count
        let values: [(MetricFamily.Kind, String, String, Double?)] = [
            (
                .counter, "process_cpu_seconds_total", "Processor time used, in seconds.",
                seconds(fields, [11, 12], ticks)
            ),
            (.gauge, "process_resident_memory_bytes", "Memory in use.", fields[safely: 21].map { $0 * pageSize }),
            (.gauge, "process_virtual_memory_bytes", "Address space in use.", fields[safely: 20]),
            (.gauge, "process_threads", "Threads.", fields[safely: 17]),
            (.gauge, "process_start_time_seconds", "When the process began, in seconds since 1970.", startTime),
            (.gauge, "process_open_fds", "Open files.", openFiles.map(Double.init)),
            (.gauge, "process_max_fds", "Files that may be open.", hasLimit ? Double(limit.rlim_cur) : nil),
        ]
        return values.compactMap { kind, name, help, value in value.map { MetricFamily(kind, name, help, $0) } }
    }

    /// When the process began, in seconds since 1970.
    static var startTime: Double? {
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        guard let started = statistics[safely: 19],
            let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let boot = Double(line.dropFirst("btime ".count))
        else { return nil }
        return boot + started / ticks
    }

    /// The fields of `/proc/self/stat` after the name of the program; the first, which is a letter, is zero.
    private static var statistics: [Double] {
        guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return [] }
        return text[text.index(after: end)...].split(whereSeparator: \.isWhitespace).map { Double($0) ?? 0 }
    }

    private static func seconds(_ fields: [Double], _ indices: [Int], _ ticks: Double) -> Double? {
        let values = indices.compactMap { fields[safely: $0] }
        return values.count == indices.count ? values.reduce(0, +) / ticks : nil
    }
}

extension Array {
    fileprivate subscript(safely index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
