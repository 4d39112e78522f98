/// A first check of filter expressions: that they have the form of one.
///
/// Filters are kept as resources but do not take part in serving yet: a request that names one is refused.
enum FilterSyntax {
    /// Refuses a text that cannot be a filter expression.
    static func check(_ text: String) throws(PersonalizeError) {
        for clause in text.split(separator: "|", omittingEmptySubsequences: false) {
            try check(words(of: clause), in: text)
        }
    }

    private static func check(_ words: [String], in text: String) throws(PersonalizeError) {
        guard words.count >= 6 else { throw fault(text, "a clause is \"INCLUDE|EXCLUDE ItemID WHERE … \"") }
        guard ["INCLUDE", "EXCLUDE"].contains(words[0].uppercased()) else {
            throw fault(text, "\"\(words[0])\" must be INCLUDE or EXCLUDE")
        }
        guard ["itemid", "userid", "actionid"].contains(words[1].lowercased()) else {
            throw fault(text, "\"\(words[1])\" must be ItemID, UserID or ActionID")
        }
        guard words[2].uppercased() == "WHERE" else { throw fault(text, "\"\(words[2])\" must be WHERE") }
        let field = words[3].split(separator: ".", omittingEmptySubsequences: false)
        guard field.count == 2, !field[1].isEmpty, DatasetType(named: String(field[0])) != nil else {
            throw fault(text, "\"\(words[3])\" must be a dataset and a field, such as Items.GENRES")
        }
        try checkPlaceholders(words)
    }

    private static func checkPlaceholders(_ words: [String]) throws(PersonalizeError) {
        let upper = words.map { $0.uppercased() }
        for index in words.indices.dropFirst() where words[index].contains("$") {
            let isNegated =
                upper[index - 1] == "NOT_IN" || (upper[index - 1] == "IN" && index > 1 && upper[index - 2] == "NOT")
            let name = words[index].filter { !"()".contains($0) }
            guard !isNegated else {
                throw PersonalizeError(
                    .invalidInput,
                    "Could not create filter. Invalid input symbol: \(name). "
                        + "Placeholders are not allowed with NOT_IN operator."
                )
            }
        }
    }

    private static func words(of clause: Substring) -> [String] {
        clause.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    private static func fault(_ text: String, _ fact: String) -> PersonalizeError {
        PersonalizeError(.invalidInput, "Could not create filter. filterExpression \"\(text)\": \(fact)")
    }
}
