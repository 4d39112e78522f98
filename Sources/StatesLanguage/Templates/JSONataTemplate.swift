import JSON
import JSONata

/// A JSONata expression of a definition: what stands between `{%` and `%}`.
struct JSONataExpression: Sendable, Equatable {
    /// The text between the marks, without white space around it.
    let text: String
    /// The text, parsed.
    let expression: Expression
    /// What the expression reads from outside.
    let reads: Reads

    /// What an expression reads from outside.
    struct Reads: Sendable, Equatable {
        /// The parts of `$states`.
        var states: States = []
        /// The variables, each once, in the order of their first places.
        var variables: [String] = []
    }

    /// Parts of the reserved variable `$states`.
    struct States: OptionSet, Sendable {
        let rawValue: UInt8
        static let input = States(rawValue: 1)
        static let result = States(rawValue: 2)
        static let errorOutput = States(rawValue: 4)
        static let context = States(rawValue: 8)
        static let all: States = [.input, .result, .errorOutput, .context]

        /// The part of a name; all of them where none is named, none where there is no such part.
        init(named name: String?) {
            self =
                switch name {
                case nil: .all
                case "input": .input
                case "result": .result
                case "errorOutput": .errorOutput
                case "context": .context
                default: []
                }
        }

        init(rawValue: UInt8) { self.rawValue = rawValue }
    }

    /// Reads the text between the marks.
    init(_ text: String) throws(JSONataError) {
        self.text = text
        expression = try Expression(text)
        var reads = Reads()
        for reference in expression.variableReferences(library: .stepFunctions) {
            if reference.name == "states" {
                reads.states.formUnion(States(named: reference.member))
                // `$states` must be there even where a part is asked for that does not exist.
                if reads.states.isEmpty { reads.states = .input }
            } else if !reads.variables.contains(reference.name) {
                reads.variables.append(reference.name)
            }
        }
        self.reads = reads
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
