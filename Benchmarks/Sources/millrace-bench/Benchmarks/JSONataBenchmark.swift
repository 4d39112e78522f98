import Foundation
import JSON
import JSONata

/// How long an evaluation of a parsed expression takes, beside the reference implementation in V8 where that is there.
struct JSONataBenchmark {
    let workspace: Workspace

    private struct Case {
        let name: String
        let expression: String
        let data: JSON
    }

    private static let secondsPerCase = 0.5

    func measure() throws -> [Measurement] {
        let cases = try Self.stateExpressions + Self.suiteCases()
        let own = try cases.map(Self.microseconds)
        let peer = try peerMicroseconds(cases)
        var measurements: [Measurement] = []
        for (index, item) in cases.enumerated() {
            let isSuite = item.name.hasPrefix("suite")
            measurements.append(
                Measurement(
                    "JSONata, \(item.name)",
                    own[index],
                    "µs",
                    method: "median of an evaluation, parsed before: \(item.expression)"
                )
            )
            guard let peer else { continue }
            measurements.append(
                Measurement(
                    "JSONata, \(item.name), times V8",
                    own[index] / peer[index],
                    "×",
                    aim: .atMost(isSuite ? 3 : 1),
                    method: "the same by the reference implementation (1.8, ES5 build) in V8, warm: "
                        + "\(peer[index].rounded3) µs"
                )
            )
        }
        return measurements
    }

    // MARK: Ours

    private static func microseconds(of item: Case) throws -> Double {
        let expression = try Expression(item.expression)
        func evaluate(_ count: Int) throws -> Double {
            try timed { for _ in 0..<count { _ = try expression.evaluate(item.data) } }.seconds * 1_000_000
        }
        var count = 1
        while try evaluate(count) < 50_000 { count *= 2 }
        var rounds: [Double] = []
        let end = ContinuousClock.now + .seconds(secondsPerCase)
        repeat { rounds.append(try evaluate(count) / Double(count)) } while ContinuousClock.now < end
        return rounds.sorted()[rounds.count / 2]
    }

    // MARK: The peer

    /// What the reference takes; `nil` where Node.js or the package that carries the reference is not at hand.
    private func peerMicroseconds(_ cases: [Case]) throws -> [Double]? {
        let folder = try workspace.subdirectory("jsonata")
        let reference = "\(folder)/jsonata.js"
        let file = "\(folder)/cases.json"
        let json = JSON.array(cases.map { ["expression": .string($0.expression), "data": $0.data] })
        try Data(json.utf8).write(to: URL(filePath: file))
        guard let fetched = try? Self.run("\(Self.peers)/fetch-jsonata", [reference]), fetched.status == 0 else {
            return nil
        }
        let arguments = ["\(Self.peers)/jsonata.js", reference, file, "\(Self.secondsPerCase)"]
        guard let answer = try? Self.run("/usr/bin/env", ["node"] + arguments), answer.status == 0 else { return nil }
        return try JSON(parsing: answer.output).array?.compactMap(\.double)
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    private static var root: URL {
        (0..<5).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    }

    private static var peers: String { root.appending(path: "Benchmarks/Peers").path }
}

// MARK: - Cases

extension JSONataBenchmark {
    /// What state machines ask, on the input of an order of 20 lines and of a list of 300 items.
    private static var stateExpressions: [Case] {
        let lines = JSON.array(
            (1...20).map {
                ["sku": .string("sku-\($0)"), "price": .double(Double($0) * 1.5), "quantity": JSON($0 % 5 + 1)]
            }
        )
        let order: JSON = ["order": ["id": 42, "customer": ["name": "Ada", "tier": "gold"], "lines": lines]]
        let items = JSON.array(
            (0..<300).map { ["id": JSON($0), "score": .double(Double($0 * 7 % 100)), "tag": .string("t\($0 % 10)")] }
        )
        let list: JSON = ["items": items]
        return [
            Case(name: "a path", expression: "order.customer.name", data: order),
            Case(name: "filter", expression: "order.lines[price > 10].sku", data: order),
            Case(name: "sum of products", expression: "$sum(order.lines.(price * quantity))", data: order),
            Case(
                name: "an object",
                expression: #"{"id": order.id, "tier": $uppercase(order.customer.tier), "count": $count(order.lines)}"#,
                data: order
            ),
            Case(
                name: "a condition",
                expression: #"order.customer.tier = "gold" and $count(order.lines) > 10 ? "fast" : "slow""#,
                data: order
            ),
            Case(name: "map and join", expression: #"$join($map(items, function($i) { $i.tag }), ",")"#, data: list),
            Case(name: "filter of 300", expression: "items[score > 50].id", data: list),
            Case(
                name: "reduce of 300",
                expression: "$reduce(items.score, function($a, $b) { $a + $b })",
                data: list
            ),
            Case(name: "group of 300", expression: "items{tag: $sum(score)}", data: list),
            Case(name: "sort of 300", expression: "items^(>score).id", data: list),
        ]
    }

    /// The group `performance` of the public suite, where that is at hand.
    private static func suiteCases() throws -> [Case] {
        let folder =
            ProcessInfo.processInfo.environment["MILLRACE_SHARED"].map { URL(filePath: $0) }
            ?? root.appending(path: "../shared")
        let suite = folder.appending(path: "jsonata-suite")
        guard let text = try? Data(contentsOf: suite.appending(path: "performance.json")) else { return [] }
        return try (JSON(parsing: Array(text)).array ?? []).map { item in
            var data = item["data"] ?? .null
            if let name = item["dataset"]?.string {
                data = try JSON(parsing: Array(Data(contentsOf: suite.appending(path: "datasets/\(name).json"))))
            }
            let name = item["id"]?.string ?? ""
            return Case(name: "suite \(name)", expression: item["expr"]?.string ?? "", data: data)
        }
    }
}
