import Foundation
import JSON
import Testing

struct JSONParserTests {
    @Test(
        arguments: [
            ("null", .null), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("17", 17),
            ("-9223372036854775808", .integer(.min)),
            ("9223372036854775807", .integer(.max)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("1.5", 1.5), ("1.0", .double(1)), ("1e3", .double(1000)), ("-2.5E-1", -0.25), ("\"\"", ""),
            ("\"a b\"", "a b"),
            ("[]", []), ("[1,[2],{}]", [1, [2], [:]]), (" \r\n\t{ \"a\" : 1 , \"b\" : [ ] } ", ["a": 1, "b": []]),
            ("\u{FEFF}1", 1),
        ] as [(String, JSON)]
    )
    func `a text is read as its value`(_ text: String, _ value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u2713""#, "Aé✓"), (#""\ud83d\ude00""#, "😀"),
        (#""\ud83d""#, "\(JSON.loneSurrogate)"), (#""\ude00x""#, "\(JSON.loneSurrogate)x"),
        (#""\ud83d\u0041""#, "\(JSON.loneSurrogate)A"), ("\"é😀\"", "é😀"), (#""\u0000""#, "\0"),
    ])
    func `escapes are read`(_ text: String, _ value: String) throws {
        #expect(try JSON(parsing: text).string == value)
    }

    @Test func `an integer and a double are told apart`() throws {
        guard case .integer(9_007_199_254_740_993) = try JSON(parsing: "9007199254740993") else {
            Issue.record("a large integer was rounded")
            return
        }
        guard case .double(1) = try JSON(parsing: "1.0") else {
            Issue.record("1.0 became an integer")
            return
        }
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "123456789012345678901234567890", "1e400", "-1E400", "1e-400",
        "0.1234567890123456789", "3.14159265358979323846264338327950288", "1.000000000000000000001",
    ])
    func `a number that no double holds keeps its digits`(_ text: String) throws {
        let value = try JSON(parsing: text)
        #expect(value.text == text)
        guard case .decimal = value else {
            Issue.record("\(text) is \(value)")
            return
        }
        #expect(try JSON(parsing: "[\(text)]").canonicalText == "[\(text)]")
    }

    @Test(arguments: [
        ("0.1", "0.1"), ("1.50", "1.5"), ("1e3", "1000.0"), ("123456789012345.6", "1.234567890123456E14"),
        ("0.0", "0.0"),
        ("0e10", "0.0"), ("-0.0", "-0.0"), ("1.5e-310", "1.5E-310"),
        ("1.7976931348623157E308", "1.7976931348623157E308"),
        ("0.30000000000000004", "0.30000000000000004"),
    ])
    func `a number that a double holds is a double`(_ text: String, _ printed: String) throws {
        guard case .double = try JSON(parsing: text) else {
            Issue.record("\(text) is no double")
            return
        }
        #expect(try JSON(parsing: text).text == printed)
    }

    @Test func `a key given twice keeps its place and its last value`() throws {
        #expect(try JSON(parsing: #"{"a":1,"b":2,"a":3}"#).text == #"{"a":3,"b":2}"#)
    }

    @Test(arguments: [
        ("", 1, 1, "unexpected end of text, expected a value"), ("{", 1, 2, "end of text"), ("[1,]", 1, 4, "\"]\""),
        ("{\"a\" 1}", 1, 6, "expected \":\" after the key \"a\""), ("{\"a\":1,}", 1, 8, "\"}\""),
        ("{a:1}", 1, 2, "\"a\""),
        ("[1 2]", 1, 4, "expected \",\" or \"]\""), ("nul", 1, 1, ""), ("01", 1, 2, "must not start with 0"),
        ("1.", 1, 3, "expected a digit"), ("-", 1, 2, "expected a digit"),
        ("\"a", 1, 1, "a string is not closed"), ("\"a\nb\"", 1, 3, "control character"),
        ("\"\\x\"", 1, 2, "is not an escape"), ("\"\\u12g4\"", 1, 2, "four hexadecimal digits"),
        ("\"\\u+123\"", 1, 2, "four hexadecimal digits"), ("1 2", 1, 3, "after the end"),
        ("{\n  \"a\": 1,\n  \"é\": tru\n}", 3, 8, ""),
    ])
    func `a wrong text is refused with its place`(_ text: String, _ line: Int, _ column: Int, _ words: String) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
        #expect(error.map { words.isEmpty || $0.message.contains(words) } == true, "\(error?.message ?? "")")
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xC3, 0x28, 0x22]) }
    }

    @Test func `nesting has a bound`() throws {
        let deep = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
        _ = try JSON(parsing: deep)
        #expect(throws: JSONError.self) { try JSON(parsing: "[\(deep)]") }
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "[", count: 1_000_000)) }
    }
}

/// Values nested as deep as they may be.
struct NestingTests {
    /// Runs a body on a thread with little stack.
    private static func onSmallStack(_ body: @escaping @Sendable () -> Void) {
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            body()
            done.signal()
        }
        thread.stackSize = 512 * 1024
        thread.start()
        done.wait()
    }

    @Test func `a thread with little stack reads, prints, compares and lets go of the deepest values`() {
        Self.onSmallStack {
            let text = String(repeating: #"{"a":["#, count: 500) + String(repeating: "]}", count: 500)
            let first = try? JSON(parsing: text)
            let second = try? JSON(parsing: text)
            #expect(first != nil)
            #expect(first == second)
            #expect(first?.text == text)
            #expect(first?.exceeds(100) == true)
            #expect(first?.exceeds(10_000) == false)
        }
    }
}
