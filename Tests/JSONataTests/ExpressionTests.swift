import Foundation
import JSON
import Synchronization
import Testing

@testable import JSONata

@Suite struct ExpressionTests {
    @Test func `variables come in from outside`() throws {
        let expression = try Expression("$states.input.n + $offset")
        let bindings: [String: JSON] = ["states": ["input": ["n": 2]], "offset": 40]
        #expect(try expression.evaluate(nil, bindings: bindings) == 42)
        #expect(try expression.evaluate(nil, bindings: [:]) == nil)
    }

    @Test func `an expression may be used again and from several tasks`() async throws {
        let expression = try Expression("$sum(n) ~> $string()")
        let results = await withTaskGroup(of: JSON?.self) { group in
            for count in 1...8 {
                group.addTask { try? expression.evaluate(["n": .array(Array(repeating: 1, count: count))]) }
            }
            return await group.reduce(into: Set<String>()) { $0.insert($1?.string ?? "?") }
        }
        #expect(results == Set((1...8).map(String.init)))
    }

    @Test func `the time is what the caller says`() throws {
        var options = EvaluationOptions()
        options.now = Date(timeIntervalSince1970: 1_795_253_400.5)
        let expression = try Expression("[$now(), $millis(), $now(missing, '-0530')]")
        #expect(
            try expression.evaluate(nil, options: options)
                == ["2026-11-21T09:30:00.500Z", 1_795_253_400_500, "2026-11-21T04:00:00.500-05:30"]
        )
    }

    @Test func `chance is what the caller says`() throws {
        var options = EvaluationOptions()
        options.random = { 0 }
        #expect(try Expression("[$random(), $shuffle([1, 2, 3])]").evaluate(nil, options: options) == [0, 3, 1, 2])
    }

    @Test(arguments: [
        "($f := function($n){ 1 + $f($n + 1) }; $f(1))",
        "($f := function(){ $f() }; $f())",
        "($f := function($x){ $map([1], $f) }; $f(1))",
        "$reduce([1..100000], function($a, $i){ [[$a]] }, 1)",
        "$reduce([1..100000], function($a, $i){ {'a': $a} }, 1)",
        "$reduce($map([1..100000], function(){ $string }), function($f, $g){ $f ~> $g })",
        "$reduce($map([1..100000], function(){ $string }), function($f, $g){ function(){ $f() } })",
        "$sum([1..100000].(function($i){ $i })($)) + $reduce([1..1000000], function($a, $b){ $a + $b })",
    ]) func `a recursion or loop without end is stopped`(_ source: String) throws {
        var options = EvaluationOptions()
        options.maximumSteps = 200_000
        let expression = try Expression(source)
        let error = #expect(throws: JSONataError.self) { try expression.evaluate(nil, options: options) }
        #expect(error?.code == "U1001")
    }

    @Test(arguments: ["/^(a+)+$/", "/^(a|aa)+$/", "/(.*)*x/", "/(?=(a+)+b)/"])
    func `a regular expression without end is stopped`(_ pattern: String) throws {
        var options = EvaluationOptions()
        options.maximumSteps = 100_000
        let expression = try Expression("$contains($, \(pattern))")
        let text = JSON.string(String(repeating: "a", count: 60) + "!")
        let error = #expect(throws: JSONataError.self) { try expression.evaluate(text, options: options) }
        #expect(error?.code == "U1001")
    }

    @Test func `an expression that is nested too deep is refused`() {
        let source = String(repeating: "(", count: 5_000) + "1" + String(repeating: ")", count: 5_000)
        let error = #expect(throws: JSONataError.self) { try Expression(source) }
        #expect(error?.code == "U1001")
    }

    @Test(arguments: [
        "($f := function($n){ 1 + $f($n) }; $f(1))",
        "($f := function($n){ $map([1], $f) }; $f(1))",
        "($f := function($n){ $sort([1..100], $f) }; $f(1))",
        "($f := function($n){ $replace('a', /a/, $f) }; $f(1))",
        "($f := function($n){ $match('a', $f) }; $f(1))",
        "($f := function($n){ $n ~> |$|{'z': $f($n)}| }; $f({'a': 1}))",
        "($e := '$eval($e)'; $eval($e))",
    ])
    func `a recursion without end fits a stack of two megabytes`(_ source: String) async {
        let code = await withCheckedContinuation { continuation in
            let thread = Thread {
                do throws(JSONataError) {
                    _ = try Expression(source).evaluate(.null)
                    continuation.resume(returning: "none")
                } catch {
                    continuation.resume(returning: error.code)
                }
            }
            thread.stackSize = 2 << 20
            thread.start()
        }
        #expect(code == "U1001")
    }

    @Test func `a signature of many repeated parameters is matched at once`() {
        let arguments = Array(repeating: "'a'", count: 60).joined(separator: ",")
        let source = "function($a)<\(String(repeating: "x+", count: 60))n:s>{1}(\(arguments))"
        let error = #expect(throws: JSONataError.self) { try Expression(source).evaluate(.null) }
        #expect(error?.code == "T0410")
    }

    @Test func `a closure leaves nothing behind`() throws {
        weak var frame: Frame?
        try {
            let root = Frame(in: nil)
            frame = root
            let run = Evaluator(root: nil, options: EvaluationOptions())
            let expression = try Expression("($f := function($n){ $n = 0 ? 0 : $f($n - 1) }; $f(3))")
            _ = try expression.evaluate(nil, root, run)
        }()
        #expect(frame == nil)
    }

    @Test func `an error says code, place and remedy`() throws {
        let error = #expect(throws: JSONataError.self) { try Expression("sum(a)").evaluate(["a": 1]) }
        #expect(
            error?.description == "T1005 at character 4: Attempted to invoke a non-function. Did you mean $sum?"
        )
        #expect(error?.token == "sum")
    }
}
