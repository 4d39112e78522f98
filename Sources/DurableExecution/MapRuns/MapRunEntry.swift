import StatesLanguage
import Synchronization

/// A Map Run with work to do, as this process knows it; changes only after the commits that changed the store.
final class MapRunEntry: Sendable {
    let arn: String
    let executionArn: String
    let requestID: Int
    /// Given whenever the run has changed.
    let changed = Signal()
    private let state: Mutex<MapRun>

    init(_ run: MapRun) {
        arn = run.arn
        executionArn = run.executionArn
        requestID = run.requestID
        state = Mutex(run)
    }

    var run: MapRun { state.withLock(\.self) }

    func change(_ body: (inout MapRun) -> Void) {
        state.withLock { body(&$0) }
        changed.give()
    }
}

/// The Map Runs with work to do.
struct MapRunBoard {
    private(set) var entries: [String: MapRunEntry] = [:]
    /// Those that nobody drives yet.
    private var arrivals: [MapRunEntry] = []
    /// Those that are to be read from the store.
    private var awaited: [(executionArn: String, requestID: Int)] = []

    /// Takes in a run; one that is here already stays as it is.
    mutating func add(_ run: MapRun) {
        guard entries[run.arn] == nil else { return }
        let entry = MapRunEntry(run)
        entries[run.arn] = entry
        arrivals.append(entry)
    }

    /// Takes in what a step has saved.
    mutating func apply(_ transition: Transition) {
        let arn = transition.execution.arn
        for change in transition.mapRuns {
            switch change {
            case .begin(let run, _): add(run)
            case .redrive(let id, let date):
                if let entry = entry(of: arn, id) {
                    entry.change { $0.redrive(at: date) }
                } else {
                    awaited.append((arn, id))
                }
            case .end(let id, let status, let date): entry(of: arn, id)?.change { $0.end(status, at: date) }
            }
        }
        guard let child = transition.execution.mapRun, let step = transition.childStep else { return }
        entries[child.mapRunArn]?.change { $0.apply(step, of: child) }
    }

    private func entry(of executionArn: String, _ id: Int) -> MapRunEntry? {
        entries.values.first { $0.executionArn == executionArn && $0.requestID == id }
    }

    /// Hands out what is new.
    mutating func takeArrivals() -> (entries: [MapRunEntry], awaited: [(executionArn: String, requestID: Int)]) {
        defer { (arrivals, awaited) = ([], []) }
        return (arrivals, awaited)
    }

    /// Puts back a run that nobody drives yet.
    mutating func putBack(_ entry: MapRunEntry) { arrivals.append(entry) }

    /// Puts back what could not be read.
    mutating func putBack(_ executionArn: String, _ requestID: Int) { awaited.append((executionArn, requestID)) }

    /// Whether `takeArrivals` would hand out anything.
    var hasArrivals: Bool { !arrivals.isEmpty || !awaited.isEmpty }

    /// Forgets a run, unless it has work again.
    mutating func remove(_ entry: MapRunEntry) -> Bool {
        let run = entry.run
        guard run.status != .running, run.executionCounts.running == 0 else { return false }
        entries[entry.arn] = nil
        return true
    }

    mutating func removeAll() { self = MapRunBoard() }
}
