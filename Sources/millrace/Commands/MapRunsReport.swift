import Foundation
import StatesLanguage

/// The Map Runs of a test, for people.
struct MapRunsReport {
    private static let rowLimit = 20

    let runs: [RehearsedMapRun]

    /// A row for each run, and the first failure of each that has one.
    func print() {
        guard !runs.isEmpty else { return }
        Terminal.print()
        var table = Table("Map Run", "Items", "Children", "Succeeded", "Failed", "Aborted", "Time", "Status")
        for run in runs.prefix(Self.rowLimit) {
            table.add(
                name(run),
                run.itemCount.map { "\($0)" } ?? "",
                "\(run.children.count)",
                "\(run.count(.succeeded))",
                "\(run.failedCount)",
                "\(run.count(.aborted))",
                run.stopDate.map { Moment.seconds($0.timeIntervalSince(run.startDate)) } ?? "",
                Style.status(run.status.rawValue)
            )
        }
        table.print()
        for run in runs.prefix(Self.rowLimit) { printDetails(of: run) }
        let rest = runs.count - Self.rowLimit
        if rest > 0 { Terminal.print("\(rest) more Map Runs are shown with --output json.") }
    }

    private func printDetails(of run: RehearsedMapRun) {
        if let destination = run.destination {
            let place = "\(destination.bucket)/\(destination.manifestKey)"
            Terminal.print("\(name(run)): nothing was written; the results would be listed in \(place)")
        }
        guard let child = run.firstFailure else { return }
        let path = child.path.joined(separator: " → ")
        let error = [child.record.error, child.record.cause].compactMap { $0 }.joined(separator: ": ")
        Terminal.print("\(name(run)), child \(child.index) failed first: \(path): \(Style.red(error))")
        Terminal.print("  its input: \(child.record.input.truncated(to: max(20, Terminal.width - 13)))")
    }

    private func name(_ run: RehearsedMapRun) -> String {
        run.parentChild.map { "\(run.stateName) in child \($0)" } ?? run.stateName
    }
}
