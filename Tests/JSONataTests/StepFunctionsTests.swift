import JSON
import Synchronization
import Testing

@testable import JSONata

@Suite struct StepFunctionsTests {
    private func evaluate(_ source: String) throws -> EvaluationResult {
        var options = EvaluationOptions()
        options.library = .stepFunctions
        options.hash = { text, algorithm in algorithm == "MD5" ? "md5 of \(text)" : nil }
        options.uuid = { "b" }
        options.random = { 0.25 }
        return try Expression(source).result(on: nil, options: options)
    }

    @Test(arguments: [
        ("$partition([1..5], 2)", "[[1,2],[3,4],[5]]"), ("$partition([], 2)", "[]"), ("$partition(1, 2)", "[[1]]"),
        ("$range(0, 10, 4)", "[0,4,8]"), ("$range(5, 1, -2)", "[5,3,1]"), ("$range(1, 0, 1)", "[]"),
        ("$range(1, 1, 1)", "[1]"), ("$hash('a', 'MD5')", "\"md5 of a\""), ("$uuid()", "\"b\""),
        ("$random()", "0.25"), ("$random(7) = $random(7) and $random(7) != $random(8)", "true"),
        ("$parse('{\"a\": [1, null]}').a", "[1,null]"), ("$parse('9007199254740993')", "9007199254740993"),
    ]) func `what Step Functions adds is there`(_ source: String, _ result: String) throws {
        #expect(try evaluate(source) == .value(JSON(parsing: result)))
    }

    @Test(arguments: [
        ("$partition([1], 0)", "D4001"), ("$range(1, 2, 0.5)", "D4002"), ("$range(1, 2, 0)", "D4003"),
        ("$hash('a', 'CRC')", "D4004"), ("$random(0.5)", "D4005"), ("$parse('{')", "D4006"), ("$eval('1')", "T1006"),
        ("$range(1, 1000000000, 1)", "D2014"),
    ]) func `what it cannot do has a code`(_ source: String, _ code: String) {
        let error = #expect(throws: JSONataError.self) { try evaluate(source) }
        #expect(error?.code == code)
    }

    @Test func `nothing and functions are told from values`() throws {
        #expect(try evaluate("$states.input") == .undefined)
        #expect(try evaluate("function($x) { $x }") == .function(nil))
        #expect(try evaluate("{'a': [$sum], 'b': $sum, 'c': 1}") == .function(["a": [nil], "c": 1]))
        #expect(try evaluate("null") == .value(nil))
    }

    @Test func `evaluating text can be taken away`() throws {
        var options = EvaluationOptions()
        #expect(try Expression("$eval('1 + 1')").evaluate(nil, options: options) == 2)
        options.isEvalAllowed = false
        let error = #expect(throws: JSONataError.self) { try Expression("$eval('1')").evaluate(nil, options: options) }
        #expect(error?.code == "T1006")
    }

    @Test func `functions come in from outside`() throws {
        let twice = try Binding(function: "twice", signature: "<n:n>") { arguments in
            arguments[0]?.double.map { JSON($0 * 2) }
        }
        let expression = try Expression("$map($ns, $twice)")
        let bindings = ["twice": twice, "ns": Binding([1, 2])]
        #expect(try expression.result(on: nil, bindings: bindings) == .value([2, 4]))
        let error = #expect(throws: JSONataError.self) {
            try Expression("$twice('a')").result(on: nil, bindings: bindings)
        }
        #expect(error?.code == "T0410")
    }

    @Test func `time ends an evaluation`() throws {
        var options = EvaluationOptions()
        let asked = Mutex(0)
        options.isOutOfTime = {
            asked.withLock {
                $0 += 1
                return $0 > 3
            }
        }
        let error = #expect(throws: JSONataError.self) {
            try Expression("($f := function() { $f() }; $f())").evaluate(nil, options: options)
        }
        #expect(error?.code == "U1001")
        #expect(asked.withLock { $0 } == 4)
    }
}
