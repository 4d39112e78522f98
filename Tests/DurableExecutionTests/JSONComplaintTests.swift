import Testing

@testable import DurableExecution

/// Texts that are no JSON are refused in the words of the service's parser.
@Suite struct JSONComplaintTests {
    @Test(arguments: [
        (
            "not json",
            "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        ),
        (
            "[tru]",
            "Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        ),
        ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
        (#"{"a": 1,}"#, "Unexpected character ('}' (code 125)): was expecting double-quote to start field name"),
        (#"{"a" 1}"#, "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"),
        (#"{"a": 1 "b": 2}"#, #"Unexpected character ('"' (code 34)): was expecting comma to separate Object entries"#),
        ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"),
        (
            "[1,]",
            "Unexpected character (']' (code 93)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        ),
        ("{", "Unexpected end-of-input: expected close marker for Object"),
        ("[[1]", "Unexpected end-of-input: expected close marker for Array"),
        (#""abc"#, "Unexpected end-of-input: was expecting closing quote for a string value"),
        (
            "\"a\nb\"",
            "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value"
        ),
    ])
    func `the first fault is told`(text: String, complaint: String) {
        #expect(JSONComplaint.text(for: text) == complaint)
    }

    @Test func `JSON has no fault, and a text without end of nesting ends`() {
        #expect(JSONComplaint.text(for: #" {"a": [1, -2.5e3, "x\"y", true, null, {}], "b": []} "#) == nil)
        #expect(JSONComplaint.text(for: String(repeating: "[", count: 200_000)) != nil)
    }
}
