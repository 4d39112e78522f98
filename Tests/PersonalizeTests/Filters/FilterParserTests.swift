import Testing

@testable import Personalize

@Suite struct FilterParserTests {
    private typealias Condition = FilterExpression.Condition

    @Test func `a clause has an action, a subject, conditions and guards`() throws {
        let text = """
            INCLUDE ItemID WHERE Items.GENRES IN ("a", $B) AND Items.PRICE <= 2.5 OR Items.YEAR != -3 \
            IF CurrentUser.AGE > 18 AND CurrentUser.TIER = $TIER
            """
        let expression = try FilterParser.parse(text)
        let clause = try #require(expression.clauses.first)
        #expect(expression.clauses.count == 1)
        #expect(clause.action == .include)
        #expect(clause.subject == .item)
        #expect(clause.dataset == .items)
        #expect(clause.alternatives.map { $0.map(\.field.name) } == [["GENRES", "PRICE"], ["YEAR"]])
        #expect(clause.alternatives.map { $0.map(\.comparison) } == [[.isIn, .lessOrEqual], [.notEqual]])
        #expect(clause.guards.map(\.field.name) == ["AGE", "TIER"])
        #expect(expression.parameters == ["B", "TIER"])
        #expect(expression.needsUser)
        #expect(!expression.needsItem)
    }

    @Test func `a chain keeps its clauses, and words are read in any case`() throws {
        let text =
            #"exclude itemId where INTERACTIONS.event_type in ("*") | Include ITEMID Where items.Genres Not In ("x")"#
        let expression = try FilterParser.parse(text)
        #expect(expression.clauses.map(\.action) == [.exclude, .include])
        #expect(expression.clauses.map(\.dataset) == [.interactions, .items])
        #expect(expression.clauses[1].alternatives[0][0].comparison == .isNotIn)
    }

    @Test(arguments: [
        #"INCLUDE ItemID WHERE Items.GENRES NOT_IN ("a")"#,
        #"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)"#,
        #"EXCLUDE ItemID WHERE Items.PRICE > ($PRICE)"#,
        #"INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE AND Items.GENRE IN CurrentItem.GENRE"#,
        #"INCLUDE UserID WHERE Users.MEMBERSHIP IN ($MEMBERSHIP)"#,
        #"EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ($EVENT_TYPE)"#,
        #"EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("NOT_TAKEN")"#,
        #"INCLUDE ActionID WHERE Actions.VALUE > ($VALUE) IF CurrentUser.TIER = "gold""#,
        #"INCLUDE ItemID WHERE Items.TITLE IN ("He said \"no\" | \\", "Ünï, 日本")"#,
    ])
    func `every form of the language is read`(_ text: String) throws {
        #expect(try FilterParser.parse(text).clauses.count == 1)
    }

    @Test func `a text is what stands between its quotes`() throws {
        let text = #"INCLUDE ItemID WHERE Items.TITLE IN ("a \"b\" | \\ $c")"#
        let condition = try FilterParser.parse(text).clauses[0].alternatives[0][0]
        guard case .values(let values) = condition.operand else {
            Issue.record("no values")
            return
        }
        #expect(values.map(\.kind) == [.literal(.text(#"a "b" | \ $c"#))])
    }

    /// Each with the character at which it cannot go on and what stands there.
    @Test(arguments: [
        ("", 1, "end of text"),
        ("SELECT x", 1, "SELECT"),
        ("INCLUDE Film WHERE Items.A IN (\"a\")", 9, "Film"),
        ("INCLUDE ItemID Items.A IN (\"a\")", 16, "Items"),
        ("INCLUDE ItemID WHERE GENRES IN (\"a\")", 22, "GENRES"),
        ("INCLUDE ItemID WHERE Items GENRES IN (\"a\")", 28, "GENRES"),
        ("INCLUDE ItemID WHERE Users.AGE > 3", 22, "Users"),
        ("INCLUDE ItemID WHERE CurrentUser.AGE > 3", 22, "CurrentUser"),
        ("INCLUDE ItemID WHERE CurrentItem.AGE > 3", 22, "CurrentItem"),
        ("INCLUDE ItemID WHERE Interactions.DEVICE IN (\"a\")", 22, "Interactions"),
        ("INCLUDE ItemID WHERE Interactions.EVENT_TYPE > 3", 46, ">"),
        ("INCLUDE ItemID WHERE Items.A IN (\"a\") AND Interactions.EVENT_TYPE IN (\"b\")", 43, "Interactions"),
        ("INCLUDE ItemID WHERE Items.A LIKE (\"a\")", 30, "LIKE"),
        ("INCLUDE ItemID WHERE Items.A NOT (\"a\")", 34, "("),
        ("INCLUDE ItemID WHERE Items.A IN \"a\"", 33, "\"a\""),
        ("INCLUDE ItemID WHERE Items.A IN ()", 34, ")"),
        ("INCLUDE ItemID WHERE Items.A IN (\"a\" \"b\")", 38, "\"b\""),
        ("INCLUDE ItemID WHERE Items.A IN (\"a\"", 37, "end of text"),
        ("INCLUDE ItemID WHERE Items.A IN (\"a)", 34, "\""),
        ("INCLUDE ItemID WHERE Items.A IN ('a')", 34, "'"),
        ("INCLUDE ItemID WHERE Items.A IN (*)", 34, "*"),
        ("INCLUDE ItemID WHERE Items.A IN ($)", 34, "$"),
        ("INCLUDE ItemID WHERE Items.A < (1, 2)", 34, ","),
        ("INCLUDE ItemID WHERE Items.A < 1x", 32, "1x"),
        ("INCLUDE ItemID WHERE Items.A < 1e999", 32, "1e999"),
        ("INCLUDE ItemID WHERE Items.A < x", 32, "x"),
        ("INCLUDE ItemID WHERE Items.A < 1 extra", 34, "extra"),
        ("INCLUDE ItemID WHERE Items.A < 1 |", 35, "end of text"),
        ("INCLUDE ItemID WHERE Items.A < 1 | INCLUDE UserID WHERE Users.B < 1", 44, "UserID"),
        ("INCLUDE ItemID WHERE Items.A < 1 IF Items.B < 2", 37, "Items"),
        ("INCLUDE ItemID WHERE Items.A < 1 IF CurrentUser.B < 2 OR CurrentUser.B > 3", 55, "OR"),
        ("INCLUDE ItemID WHERE Items.A < 1 IF CurrentUser.B < CurrentItem.B", 53, "CurrentItem"),
        ("INCLUDE ItemID WHERE Items.A < 1 IF CurrentUser.B < 2 IF CurrentUser.B > 3", 55, "IF"),
        ("INCLUDE ItemID WHERE Items.Ä < 1", 28, "Ä"),
        ("INCLUDE ItemID WHERE Items.A < 1\u{7} AND", 33, "\\u{07}"),
        ("INCLUDE ItemID\n WHERE Items.A IN (\"日本\") AND", 44, "end of text"),
    ])
    func `an error says at which character`(_ text: String, _ position: Int, _ symbol: String) {
        let fault = #expect(throws: FilterFault.self) { try FilterParser.parse(text) }
        #expect(fault?.position == position)
        #expect(fault?.symbol == symbol)
        #expect(fault?.message.hasPrefix("Could not create filter. Invalid input symbol: \(symbol). ") == true)
        #expect(fault?.message.hasSuffix(" (character \(position))") == true)
    }

    @Test func `a placeholder behind NOT IN is refused in the words of the service`() {
        let text = "INCLUDE ItemID WHERE Items.GENRES NOT IN ($a)"
        let fault = #expect(throws: FilterFault.self) { try FilterParser.parse(text) }
        #expect(
            fault?.message == "Could not create filter. Invalid input symbol: $a. "
                + "Placeholders are not allowed with NOT_IN operator. (character 43)"
        )
    }

    @Test func `no prefix and no cut of an expression stops the parser`() {
        let text = #"INCLUDE ItemID WHERE Items.A IN ("a\"", $B) OR Items.C >= -1.5e3 IF CurrentUser.D != 2 | EXCLUDE"#
        for length in 0...text.count {
            #expect(throws: FilterFault.self) { try FilterParser.parse(String(text.prefix(length)) + "!") }
            _ = try? FilterParser.parse(String(text.dropFirst(length)))
        }
    }
}
