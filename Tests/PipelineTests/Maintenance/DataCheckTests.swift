import Foundation
import JSON
import TestSupport
import Testing

@testable import Pipeline

@Suite struct DataCheckTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let items: JSON = [
        "name": "ItemsDataset",
        "schema": Samples.schema(
            "Items",
            [
                ["name": "ITEM_ID", "type": "string"], ["name": "PRICE", "type": ["null", "float"]],
                ["name": "GENRE", "type": "string", "categorical": true],
            ]
        ),
    ]

    private static let file = Samples.small.with("datasets.Users", Samples.users).with("datasets.Items", items)

    private func reports(_ budget: Int = DataCheck.standardBudget) throws -> [DataReport] {
        let path = try directory.write(Self.file.text, to: "params.json")
        return try DataCheck(of: try ParamsFile.read(Self.file), at: path, budget: budget).run()
    }

    private func write(interactions: String, users: String, items: String) throws {
        try directory.write("USER_ID,ITEM_ID,TIMESTAMP\n\(interactions)", to: "Interactions/a.csv")
        try directory.write("USER_ID,GENDER,AGE\n\(users)", to: "Users/a.csv")
        try directory.write("ITEM_ID,PRICE,GENRE\n\(items)", to: "Items/a.csv")
    }

    private func texts(_ type: String, _ reports: [DataReport]) -> [String] {
        reports.filter { $0.type == type }.flatMap(\.findings).map { "\($0.severity.rawValue): \($0.text)" }
    }

    @Test func `what is odd is told with lines and a hint`() throws {
        try write(
            interactions: "u1,i1,1700000300\nu1,i2,1700000200\nu2,i9,1700000400\nu1,i1,1700000300\n"
                + "u2,i1,1700000500000\nu2,i1,soon\n",
            users: "u1,f,30\nu2,\"a,\nb\",\nu3,f,20\nu1,m,x\n",
            items: "i1,,drama\ni2,,comedy\ni3,1.5,drama\ni4,,drama\ni5,,drama\n"
        )
        let reports = try reports()
        #expect(reports.map(\.file) == ["Interactions/a.csv", "Users/a.csv", "Items/a.csv"])
        #expect(reports.map(\.rowCount) == [6, 4, 5])
        #expect(
            texts("Interactions", reports) == [
                "error: line 7: TIMESTAMP \"soon\" is not a whole number (1 rows); correct it, or make the type string",
                "warning: line 5: 1 rows are there twice; the same event counts once; take the copies out",
                "warning: line 4: ITEM_ID is unknown to the items in 1 rows; "
                    + "add the items, or their metadata cannot be used in filters and training",
                "warning: line 6: TIMESTAMP is after the year 5000 in 1 rows; "
                    + "it is in milliseconds; divide it by 1000",
                "note: lines 3, 5: TIMESTAMP is before that of the row above in 2 rows; "
                    + "the import sorts by itself; look whether files were joined by mistake",
            ]
        )
        #expect(
            texts("Users", reports) == [
                "error: line 6: AGE \"x\" is not a whole number (1 rows); correct it, or make the type string",
                "error: line 3: AGE is empty in 1 rows; fill it in, or make the type [\"null\",\"int\"]",
                "warning: line 6: USER_ID is that of an earlier row in 1 rows; "
                    + "one row an id counts; keep the one that is right",
                "note: line 5: USER_ID has no interactions in 1 rows; such users get what is popular",
            ]
        )
        #expect(
            texts("Items", reports) == [
                "warning: lines 2, 3, 5, 6: PRICE is empty in 80 % of the rows; "
                    + "so sparse a column teaches little; fill it in or leave it out"
            ]
        )
        let age = try #require(reports[1].columns.first { $0.name == "AGE" })
        #expect(age.nullCount == 1 && age.minimum == 20 && age.maximum == 30)
    }

    @Test func `good data is told to be good`() throws {
        try write(
            interactions: "u1,i1,1700000100\nu2,i1,1700000200\n",
            users: "u1,f,30\nu2,f,20\n",
            items: "i1,2,drama\n"
        )
        #expect(try reports().flatMap(\.findings) == [])
    }

    @Test func `a header that does not fit the schema is told with what was probably meant`() throws {
        try write(interactions: "", users: "u1,f,30\n", items: "i1,2,drama\n")
        try directory.write("USER_ID,ITEMID,TIMESTAMP\nu1,i1,1\n", to: "Interactions/a.csv")
        let texts = texts("Interactions", try reports())
        #expect(texts.first == "error: line 1: ITEM_ID is missing in the header; is it \"ITEMID\"?")
        #expect(texts.contains { $0.hasPrefix("note: line 1: ITEMID is not in the schema and is left out") })
    }

    @Test(arguments: [50, 200, 100_000])
    func `the result is the same however little may be held in memory`(_ budget: Int) throws {
        var interactions = ""
        for number in 0..<600 { interactions += "u\(number % 90),i\(number % 70),\(1_700_000_000 + number % 300)\n" }
        try write(
            interactions: interactions,
            users: (0..<100).map { "u\($0),f,\($0)\n" }.joined(),
            items: (0..<60).map { "i\($0),1,drama\n" }.joined()
        )
        let reports = try reports(budget)
        #expect(reports[1].findings.first { $0.column == "USER_ID" }?.count == 10)
        #expect(reports[0].findings.first { $0.column == "ITEM_ID" }?.count == (0..<600).count { $0 % 70 >= 60 })
        #expect(try reports == self.reports())
    }
}
