internal import JSON

/// The values that a request gives the parameters of a filter.
struct FilterValues: Sendable {
    private let values: [String: [FilterLiteral]]

    /// Reads `filterValues`: each a list of texts in double quotes or of numbers, separated by commas.
    ///
    /// A parameter that an INCLUDE has must have a value; what an EXCLUDE says of one without is as if not said. Names
    /// that the expression does not have are refused, since a mistyped one would let pass what is to be kept out.
    init(_ input: JSON?, for expression: FilterExpression, _ arn: String) throws(PersonalizeError) {
        let given = input?.object ?? [:]
        let names = expression.parameters
        for (name, _) in given where !names.contains(name) {
            let nearest = NearestName.find(name, among: names).map { ", did you mean \"\($0)\"?" } ?? ""
            throw PersonalizeError(
                .invalidInput,
                "filterValues: \"\(name)\" is no parameter of filter \"\(arn)\"\(nearest)"
            )
        }
        for clause in expression.clauses where clause.action == .include {
            for name in clause.parameters where given[name]?.string == nil {
                throw PersonalizeError(
                    .invalidInput,
                    "filterValues must have a value for \"\(name)\", for filter \"\(arn)\" has it in an INCLUDE"
                )
            }
        }
        var values: [String: [FilterLiteral]] = [:]
        for (name, value) in given { values[name] = try Self.list(value.string ?? "", name) }
        self.values = values
    }

    /// Without any.
    init() { values = [:] }

    /// The values of a parameter; `nil` when it has none.
    subscript(name: String) -> [FilterLiteral]? { values[name] }

    private static func list(_ text: String, _ name: String) throws(PersonalizeError) -> [FilterLiteral] {
        do throws(FilterFault) {
            let tokens = try FilterLexer.tokens(of: text)
            var literals: [FilterLiteral] = []
            for (index, token) in tokens.enumerated() {
                if index % 2 == 1 {
                    guard token.kind == .end || token.isSymbol(",") else { throw token.misplaced }
                } else {
                    literals.append(try token.literal)
                }
            }
            return literals
        } catch {
            throw PersonalizeError(
                .invalidInput,
                "filterValues.\(name): \(error.symbol) at character \(error.position) cannot stand there; "
                    + "write \"value\",\"value\" with the quotes, or a number"
            )
        }
    }
}

extension FilterToken {
    fileprivate var misplaced: FilterFault { FilterFault(position: position, symbol: source, fact: "") }

    fileprivate var literal: FilterLiteral {
        get throws(FilterFault) {
            switch kind {
            case .text(let text): .text(text)
            case .number(let number): .number(number)
            case .word, .parameter, .symbol, .end: throw misplaced
            }
        }
    }
}
