import Testing

@testable import Personalize

@Suite struct FilterCheckTests {
    private static func fields(_ name: String, _ fields: [String]) -> ImportFixture.Fields {
        ImportFixture.Fields(name, fields)
    }

    private static func schemas() throws -> [DatasetType: Schema] {
        let items = fields(
            "Items",
            [
                "ITEM_ID string", "GENRES string? categorical", "BRAND string?", "STORY string? textual",
                "PRICE float?",
                "NEW boolean?", "YEAR int?",
            ]
        )
        let users = fields("Users", ["USER_ID string", "AGE int?", "TIER string? categorical"])
        return [.items: try Schema(parsing: items.text), .users: try Schema(parsing: users.text)]
    }

    @Test(arguments: [
        #"INCLUDE ItemID WHERE Items.GENRES IN ("a", $B) AND Items.price < 3 AND Items.BRAND = "x""#,
        #"INCLUDE ItemID WHERE Items.YEAR IN (1999, "2000") IF CurrentUser.AGE >= 18 AND CurrentUser.TIER = $T"#,
        #"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#,
        #"INCLUDE ItemID WHERE Items.PRICE < CurrentItem.YEAR AND Items.GENRES IN CurrentItem.BRAND"#,
        #"INCLUDE UserID WHERE Users.AGE > 3"#,
    ])
    func `what the datasets have can be filtered by`(_ text: String) throws {
        try FilterParser.parse(text).check(Self.schemas())
    }

    @Test(arguments: [
        (#"INCLUDE ItemID WHERE Items.GENRE IN ("a")"#, 22, "did you mean GENRES?"),
        (#"INCLUDE ItemID WHERE Items.GENRES < 3"#, 22, "of type string"),
        (#"INCLUDE ItemID WHERE Items.STORY IN ("a")"#, 22, "textual"),
        (#"INCLUDE ItemID WHERE Items.NEW IN ("true")"#, 22, "boolean"),
        (#"INCLUDE ItemID WHERE Items.PRICE < 3 AND Items.PRICE > "x""#, 56, "takes a number"),
        (#"INCLUDE ItemID WHERE Items.GENRES IN ("a", 3)"#, 44, "double quotes"),
        (#"INCLUDE ItemID WHERE Items.PRICE < CurrentItem.GENRES"#, 36, "number cannot be compared"),
        (#"INCLUDE ItemID WHERE Items.PRICE < CurrentItem.COST"#, 36, "no field"),
        (#"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (3)"#, 50, "double quotes"),
        (#"INCLUDE ItemID WHERE Items.PRICE < 3 IF CurrentUser.WEIGHT > 3"#, 41, "no field"),
        (#"INCLUDE ActionID WHERE Actions.VALUE > 3"#, 24, "no Actions dataset"),
    ])
    func `what they do not have is refused with its place`(_ text: String, _ position: Int, _ fact: String) throws {
        let expression = try FilterParser.parse(text)
        let schemas = try Self.schemas()
        let fault = #expect(throws: FilterFault.self) { try expression.check(schemas) }
        #expect(fault?.position == position)
        #expect(fault?.message.contains(fact) == true, "\(fault?.message ?? "")")
    }
}
