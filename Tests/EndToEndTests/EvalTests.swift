import Foundation
import JSON
import Testing

/// The command `millrace eval` as its own process.
@Suite struct EvalTests {
    struct Outcome {
        let output: String
        let complaint: String
        let status: Int32
    }

    private func eval(_ arguments: [String], input: String = "") throws -> Outcome {
        let child = Process()
        child.executableURL = MillraceProcess.program
        child.arguments = ["eval"] + arguments
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        (child.standardInput, child.standardOutput, child.standardError) = (stdin, stdout, stderr)
        try child.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        let complaint = try stderr.fileHandleForReading.readToEnd() ?? Data()
        child.waitUntilExit()
        return Outcome(
            output: String(decoding: output, as: UTF8.self),
            complaint: String(decoding: complaint, as: UTF8.self),
            status: child.terminationStatus
        )
    }

    @Test func `an expression is evaluated on input and bindings`() throws {
        let input = #"{"orders": [{"id": 1, "total": 120}, {"id": 2, "total": 80}]}"#
        let found = try eval(
            ["orders[total > $limit].id", "--input", "-", "--bindings", #"{"limit": 100}"#],
            input: input
        )
        #expect(found.output == "1\n")
        #expect(found.status == 0)
        let path = try eval(["--jsonpath", "$.orders[*].id", "--input", "-"], input: input)
        #expect(try JSON(parsing: path.output) == [1, 2])
    }

    @Test func `nothing prints nothing, and says so`() throws {
        let outcome = try eval(["missing"])
        #expect(outcome.output == "")
        #expect(outcome.complaint.contains("undefined"))
        #expect(outcome.status == 0)
    }

    @Test func `an error has its code, its place and a mark`() throws {
        let outcome = try eval(["1 +\n  'a'"])
        #expect(outcome.output == "")
        #expect(outcome.status == 1)
        let lines = outcome.complaint.split(separator: "\n")
        #expect(lines[0].hasPrefix("T2002 at character 3: "))
        #expect(lines[1...] == ["  1 +", "    ^"])
    }

    @Test func `what state machines have is there on demand`() throws {
        let hash = try eval(["$hash('', 'MD5')", "--step-functions"])
        #expect(hash.output == "\"d41d8cd98f00b204e9800998ecf8427e\"\n")
        #expect(try eval(["$eval('1')", "--step-functions"]).status == 1)
    }

    @Test func `a batch answers each line, and a bad one costs itself only`() throws {
        let lines = [
            #"{"id": 1, "expr": "a & $b", "data": {"a": "x"}, "bindings": {"b": "y"}}"#,
            "no JSON",
            #"{"id": "m", "expr": "$exists($)"}"#,
            #"{"id": 3, "expr": "missing"}"#,
            #"{"id": 4, "expr": "1 + 'a'"}"#,
            #"{"id": 5, "expr": "($f := function() { $f() }; $f())"}"#,
            #"{"id": 6, "expr": "($f := function($n) { 1 + $f($n) }; $f(1))"}"#,
            #"{"id": 7, "expr": "($f := function($a) { $f($append($a, $a)) }; $f([1]))"}"#,
            #"{"id": 8, "expr": "{'f': $sum, 'g': [$sum]}"}"#,
        ]
        let outcome = try eval(["--batch", "--timeout", "1"], input: lines.joined(separator: "\n"))
        let answers = try outcome.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
        #expect(answers.count == lines.count)
        #expect(answers[0] == ["id": 1, "result": "xy"])
        #expect(answers[1]["code"] == "X0002")
        #expect(answers[2] == ["id": "m", "result": false])
        #expect(answers[3] == ["id": 3, "undefined": true])
        #expect(answers[4]["code"] == "T2002" && answers[4]["position"] == 3 && answers[4]["token"] == "+")
        #expect(answers[5...7].map { $0["code"] } == ["U1001", "U1001", "U1001"])
        #expect(answers[8] == ["id": 8, "result": ["g": [nil]]])
        #expect(outcome.status == 0)
    }
}
