import Foundation
import HTTPAPI
import SQLiteStore
import Synchronization

/// Whether the service can do its work: its database answers, what an earlier process left is taken over, and its
/// buckets are watched.
final class Readiness: Sendable {
    private struct State {
        var isRecovered = false
        var scans: [String: Date] = [:]
    }

    /// A bucket that was not listed for so long is watched no more; it is listed every minute.
    private static let scanLimit: TimeInterval = 300

    private let state = Mutex(State())

    /// Notes that the campaigns' models are loaded and work of an earlier process is taken over.
    func noteRecovery() { state.withLock { $0.isRecovered = true } }

    /// Notes that a bucket was listed.
    func noteScan(of bucket: String, at date: Date) { state.withLock { $0.scans[bucket] = date } }

    /// Looks at every part.
    ///
    /// - Parameters:
    ///   - store: The database.
    ///   - buckets: The buckets' names with their directories.
    ///   - now: The time.
    /// - Returns: What was found, a check a part.
    func checks(
        _ store: SQLiteStore,
        _ buckets: [(name: String, directory: String)],
        at now: Date
    ) async -> [Monitoring.Check] {
        var checks: [Monitoring.Check] = []
        do {
            try await store.ping()
            checks.append(Monitoring.Check("database"))
        } catch {
            checks.append(Monitoring.Check("database", fault: "\(error)"))
        }
        let state = state.withLock(\.self)
        let recovery = state.isRecovered ? nil : "what an earlier process left is still being taken over"
        checks.append(Monitoring.Check("recovery", fault: recovery))
        for bucket in buckets {
            let fault = Self.fault(of: bucket.directory, scanned: state.scans[bucket.name], now)
            checks.append(Monitoring.Check("bucket \(bucket.name)", fault: fault))
        }
        return checks
    }

    private static func fault(of directory: String, scanned: Date?, _ now: Date) -> String? {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: directory, isDirectory: &isFolder), isFolder.boolValue
        else {
            return "its directory \"\(directory)\" is missing; make it, or mount what holds it"
        }
        guard FileManager.default.isReadableFile(atPath: directory) else {
            return "its directory \"\(directory)\" cannot be read; let the service's user read it"
        }
        guard let scanned else { return "it was not listed yet" }
        let age = now.timeIntervalSince(scanned)
        return age > scanLimit ? "it was last listed \(Int(age)) seconds ago" : nil
    }
}
