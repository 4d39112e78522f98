import ArgumentParser
import HTTPAPI
import JSON

extension Executions {
    /// The command `millrace executions diff`.
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show where the paths of two executions part, and which inputs, outputs and errors differ.",
            discussion: "Ends with 0 when the two went the same way to the same end, with 1 when they differ."
        )

        @OptionGroup var options: ClientOptions
        @Flag(help: "Show the states that are the same too.")
        var all = false
        @Argument(help: "A name, an ARN or \"latest\".")
        var first: String
        @Argument(help: "A name, an ARN or \"latest\".")
        var second: String

        func run() async throws {
            try await reporting {
                let client = try options.client
                let left = try await Path(of: first, client)
                let right = try await Path(of: second, client)
                let rows = PathDifference.rows(left.visits, right.visits)
                let isSame = left.status == right.status && rows.allSatisfy { $0.kind == .same }
                options.show(json(rows, left, right, isSame)) { print(rows, left, right, isSame) }
                guard isSame else { throw MillraceExit.failure }
            }
        }

        private func json(_ rows: [PathDifference], _ left: Path, _ right: Path, _ isSame: Bool) -> JSON {
            let shown = all ? rows : rows.filter { $0.kind != .same }
            return [
                "same": .bool(isSame), "first": left.json, "second": right.json,
                "differences": .array(shown.map(\.json)),
            ]
        }

        private func print(_ rows: [PathDifference], _ left: Path, _ right: Path, _ isSame: Bool) {
            Terminal.print("- \(left.arn)  \(Style.status(left.status))")
            Terminal.print("+ \(right.arn)  \(Style.status(right.status))")
            for row in rows where all || row.kind != .same { for line in row.lines { Terminal.print(line) } }
            if isSame { Terminal.print("Both went the same way, with the same inputs and outputs.") }
        }
    }

    /// An execution and the path it took.
    private struct Path {
        let arn: String
        let status: String
        let visits: [StateVisit]

        init(of name: String, _ client: Client) async throws {
            arn = try await ExecutionFinder(client: client).arn(of: name)
            let execution = try await client.stepFunctions("DescribeExecution", ["executionArn": .string(arn)])
            status = execution["status"]?.string ?? ""
            let events = try await client.pages(
                of: "events",
                { try await $0.stepFunctions("GetExecutionHistory", $1) },
                input: ["executionArn": .string(arn), "maxResults": 1000]
            )
            visits = StateVisits(events).visits
        }

        var json: JSON {
            ["executionArn": .string(arn), "status": .string(status), "states": JSON(visits.count)]
        }
    }
}

/// A state on the way of two executions, or of one of them.
struct PathDifference {
    /// What is different.
    enum Kind: String {
        case same, changed, onlyFirst, onlySecond
    }

    let kind: Kind
    let first: StateVisit?
    let second: StateVisit?

    /// Puts two paths beside each other, by the names of the states.
    static func rows(_ left: [StateVisit], _ right: [StateVisit]) -> [PathDifference] {
        let changes = right.map(\.name).difference(from: left.map(\.name))
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var rows: [PathDifference] = []
        var (i, j) = (0, 0)
        while i < left.count || j < right.count {
            if i < left.count, removed.contains(i) {
                rows.append(PathDifference(kind: .onlyFirst, first: left[i], second: nil))
                i += 1
            } else if j < right.count, inserted.contains(j) {
                rows.append(PathDifference(kind: .onlySecond, first: nil, second: right[j]))
                j += 1
            } else {
                rows.append(PathDifference(left[i], right[j]))
                (i, j) = (i + 1, j + 1)
            }
        }
        return rows
    }

    private init(_ first: StateVisit, _ second: StateVisit) {
        let isSame = first.input == second.input && first.output == second.output && first.error == second.error
        self.init(kind: isSame ? .same : .changed, first: first, second: second)
    }

    private init(kind: Kind, first: StateVisit?, second: StateVisit?) {
        self.kind = kind
        self.first = first
        self.second = second
    }

    private var name: String { (first ?? second)?.name ?? "" }

    /// The parts that differ: their name and the two values.
    private var parts: [(name: String, first: String?, second: String?)] {
        [
            ("input", first?.input, second?.input), ("output", first?.output, second?.output),
            ("error", first?.error, second?.error),
        ]
        .filter { $0.1 != $0.2 }
    }

    var json: JSON {
        var object: JSONObject = ["state": .string(name), "difference": .string(kind.rawValue)]
        if let first { object["first"] = first.json }
        if let second { object["second"] = second.json }
        return .object(object)
    }

    /// The row for people.
    var lines: [String] {
        switch kind {
        case .same: return ["  \(name)"]
        case .onlyFirst: return [Style.red("- \(name)")]
        case .onlySecond: return [Style.green("+ \(name)")]
        case .changed:
            let room = max(40, Terminal.width - 12)
            return ["~ \(Style.bold(name))"]
                + parts.flatMap { part in
                    [
                        Style.red("    - \(part.name) \((part.first ?? "none").truncated(to: room))"),
                        Style.green("    + \(part.name) \((part.second ?? "none").truncated(to: room))"),
                    ]
                }
        }
    }
}
