import JSON
import JSONata

/// A JSONata expression of a definition: what stands between `{%` and `%}`.
struct JSONataExpression: Sendable, Equatable {
    /// The text between the marks, without white space around it.
    let text: String
    /// The text, parsed.
    let expression: Expression

    /// Reads the text between the marks.
    init(_ text: String) throws(JSONataError) {
        self.text = text
        expression = try Expression(text)
    }

    static func == (left: JSONataExpression, right: JSONataExpression) -> Bool { left.text == right.text }
}

/// JSON in which a string that begins with `{%` and ends with `%}` is an expression.
indirect enum JSONataTemplate: Sendable, Equatable {
    /// A value without anything to replace.
    case literal(JSON)
    case object([Member])
    case array([JSONataTemplate])
    /// An expression and the field it stands in, as errors name it: `Output/total`.
    case expression(JSONataExpression, field: String)

    struct Member: Sendable, Equatable {
        var key: String
        var value: JSONataTemplate
    }
}

/// A template in the query language of its state.
enum Template: Sendable, Equatable {
    case jsonPath(PayloadTemplate)
    case jsonata(JSONataTemplate)
}
