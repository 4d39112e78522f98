import JSON
import Testing

struct JSONPrinterTests {
    @Test(arguments: [
        "null", "true", "0", "-17", "9223372036854775807", "1.0", "-2.5", "1.0E20", "1.5E-7", "\"\"", "\"é😀\"", "[]",
        "{}",
        "[1,[2.0,null]]", #"{"b":1,"a":{"c":[]}}"#, #""\"\\\n\r\t\b\f\u0001""#,
    ])
    func `what was printed is read as it was`(_ text: String) throws {
        let value = try JSON(parsing: text)
        let printed = value.text
        #expect(try JSON(parsing: printed) == value)
        #expect(try JSON(parsing: printed).text == printed)
        #expect(try JSON(parsing: value.prettyText) == value)
    }

    @Test(
        arguments: [
            (.integer(3), "3"), (.double(3), "3.0"), (.double(0.1), "0.1"), (.double(.nan), "null"),
            (.double(.infinity), "null"), (.double(1e7), "1.0E7"), (.double(12_345_678.5), "1.23456785E7"),
            (.double(1_234_567.5), "1234567.5"), (.double(0.001), "0.001"), (.double(0.0001), "1.0E-4"),
            (.double(-1e-5), "-1.0E-5"), (.double(-0.0), "-0.0"), (.double(1e10), "1.0E10"),
            (.double(123e19), "1.23E21"),
            (.decimal("12345678901234567890123"), "12345678901234567890123"),
            (.string("a/b"), "\"a/b\""), (.string("\u{1}\u{1F}"), #""\u0001\u001f""#),
            (.string("say \"é\"\\"), #""say \"é\"\\""#), (["b": 1, "a": [true, nil]], #"{"b":1,"a":[true,null]}"#),
        ] as [(JSON, String)]
    )
    func `a value has its text`(_ value: JSON, _ text: String) {
        #expect(value.text == text)
        #expect(Array(text.utf8) == value.utf8)
        #expect(value.description == text)
    }

    @Test(
        arguments: [
            0.1, 1e15, 1e16, 123_456_789_012_345_680, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -0.000001,
        ] as [Double]
    )
    func `a double keeps its value`(_ double: Double) throws {
        guard case .double(let back) = try JSON(parsing: JSON(double).text) else {
            Issue.record("\(double) came back as no double")
            return
        }
        #expect(back == double)
    }

    @Test func `pretty text has a member a line`() {
        let value: JSON = ["a": [1, [:]], "b": [:], "c": []]
        let text = """
            {
              "a": [
                1,
                {}
              ],
              "b": {},
              "c": []
            }
            """
        #expect(value.prettyText == text)
    }

    @Test func `canonical text has its keys in order`() {
        let value: JSON = ["b": ["z": 1, "y": 2], "a": 0]
        #expect(value.canonicalText == #"{"a":0,"b":{"y":2,"z":1}}"#)
    }
}
