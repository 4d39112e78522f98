import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Personalize

@Suite struct ImportFaultTests {
    private static let header = "USER_ID,ITEM_ID,TIMESTAMP\n"

    @Test func `a missing column is named, with what may be meant`() throws {
        let fixture = try ImportFixture()
        #expect(
            try fixture.faults("USER_ID,WHEN\nu,1\n") == [
                "a.csv, line 1: Input CSV is missing the following columns:[ITEM_ID, TIMESTAMP]"
            ]
        )
        #expect(
            try fixture.faults("user_id,ITEM_ID,TIMESTAMP\nu,i,1\n") == [
                "a.csv, line 1: Input CSV is missing the following columns:[USER_ID]; the header has \"user_id\" for USER_ID"
            ]
        )
    }

    @Test func `a bad timestamp at line 70,001 is found there`() throws {
        var fixture = try ImportFixture()
        fixture.limits.blockSize = 1 << 16
        var text = Self.header
        for row in 2...70_000 { text += "u\(row % 100),i\(row % 10),\(row)\n" }
        #expect(
            try fixture.faults(text + "u1,i1,2020-01-01\nu1,i1,5\n") == [
                "a.csv, line 70001, column TIMESTAMP: \"2020-01-01\" is not a whole number of seconds since 1970"
            ]
        )
    }

    @Test(
        arguments: zip(
            ["1.5", "", "-", "9223372036854775808", "1e9", " 1", "99999999999999999999"],
            [
                "\"1.5\" is not a whole number of seconds since 1970",
                "empty, but the schema does not allow null; fill it in or make the type [\"null\",\"long\"]",
                "\"-\" is not a whole number of seconds since 1970",
                "\"9223372036854775808\" is out of the range of type long",
                "\"1e9\" is not a whole number of seconds since 1970",
                "\" 1\" is not a whole number of seconds since 1970",
                "\"99999999999999999999\" is out of the range of type long",
            ]
        )
    )
    func `timestamps are whole numbers`(value: String, message: String) throws {
        #expect(
            try ImportFixture().faults(Self.header + "u,i,\(value)\n") == [
                "a.csv, line 2, column TIMESTAMP: \(message)"
            ]
        )
    }

    @Test func `lines count those within quotes`() throws {
        let text = Self.header + "\"a\nb\nc\",i,1\nu,\"i\n\",x\nu,i\n"
        #expect(
            try ImportFixture().faults(text) == [
                "a.csv, line 6, column TIMESTAMP: \"x\" is not a whole number of seconds since 1970",
                "a.csv, line 7: 2 fields where the header has 3",
            ]
        )
    }

    @Test func `an unclosed quote is named where it opens`() throws {
        let text = Self.header + "u,i,1\nu,\"never\nv,i,2\nw,i,3\n"
        #expect(
            try ImportFixture().faults(text) == [
                "a.csv, line 3, column ITEM_ID: the quote that opens here, before \"never…\", is never closed"
            ]
        )
    }

    @Test func `an unclosed quote ends the file, not the memory`() throws {
        var fixture = try ImportFixture()
        fixture.limits.blockSize = 1 << 10
        fixture.limits.recordLength = 1 << 14
        let open = try fixture.file(
            "a.csv",
            Array((Self.header + "u,\"never\n" + String(repeating: "v,i,2\n", count: 10_000)).utf8)
        )
        let long = try fixture.file(
            "b.csv",
            Array((Self.header + "u,i,1\n" + String(repeating: "x", count: 40_000)).utf8)
        )
        let wrong = try fixture.file("c.csv", Array((Self.header + "u,i,\n").utf8))
        #expect(
            try fixture.faults([open, long, wrong]) == [
                "a.csv, line 2, column ITEM_ID: the quote that opens here, before \"never…\", is never closed",
                "b.csv, line 3: the record that begins here is longer than 16384 bytes",
                "c.csv, line 2, column TIMESTAMP: empty, but the schema does not allow null; fill it in or make the type "
                    + "[\"null\",\"long\"]",
            ]
        )
    }

    @Test func `text after a closing quote is named`() throws {
        #expect(
            try ImportFixture().faults(Self.header + "u,\"5\" screen,1\n") == [
                "a.csv, line 2, column ITEM_ID: \" screen\" follows the closing quote; write a quote within quotes as \"\""
            ]
        )
    }

    @Test func `bytes that are not UTF-8 are named where they are`() throws {
        let fixture = try ImportFixture()
        let good = Array((Self.header + "ü,i,1\nv,").utf8)
        let file = try fixture.file("a.csv", good + [0x63, 0x61, 0x66, 0xe9] + Array(",2\n".utf8))
        #expect(
            try fixture.faults([file]) == [
                "a.csv, line 3, column ITEM_ID: \"caf\u{fffd}\" is not valid UTF-8; save the file in that encoding"
            ]
        )
        let header = try fixture.file("b.csv", [0xff, 0xfe] + Array(Self.header.utf8))
        #expect(
            try fixture.faults([header]) == [
                "b.csv, line 1: the header row is not valid UTF-8; save the file in that encoding"
            ]
        )
    }

    @Test func `no rows, no header and no files are refused`() throws {
        let fixture = try ImportFixture()
        #expect(try fixture.faults(Self.header) == ["\"a.csv\" has a header but no rows"])
        #expect(try fixture.faults(Self.header + "\n\r\n") == ["\"a.csv\" has a header but no rows"])
        let files = try ["a.csv", "b.csv"].map { try fixture.file($0, Array(Self.header.utf8)) }
        #expect(try fixture.faults(files) == ["no file has any rows: \"a.csv\", \"b.csv\""])
        #expect(
            try fixture.faults("") == [
                "a.csv, line 1: the file has no header row; the first line must name the columns"
            ]
        )
        #expect(try fixture.faults([]) == ["Invalid Data location. There are no CSV files in it."])
    }

    @Test func `all files must have the same header`() throws {
        let fixture = try ImportFixture()
        let one = try fixture.file("a.csv", Array((Self.header + "u,i,1\n").utf8))
        let two = try fixture.file("b.csv", Array("ITEM_ID,USER_ID,TIMESTAMP\ni,u,1\n".utf8))
        #expect(
            try fixture.faults([one, two]) == [
                "b.csv, line 1: the header \"ITEM_ID,USER_ID,TIMESTAMP\" differs from \"USER_ID,ITEM_ID,TIMESTAMP\" of a.csv; "
                    + "all files of a folder must agree"
            ]
        )
        #expect(
            try fixture.faults("USER_ID,ITEM_ID,TIMESTAMP,ITEM_ID\nu,i,1,i\n") == [
                "a.csv, line 1, column ITEM_ID: the header names this column twice"
            ]
        )
    }

    @Test func `a wrong number of fields is named`() throws {
        #expect(
            try ImportFixture().faults(Self.header + "u,i,1\nu,i\nu,i,1,9\n,\n") == [
                "a.csv, line 3: 2 fields where the header has 3",
                "a.csv, line 4: 4 fields where the header has 3",
                "a.csv, line 5, column USER_ID: empty, but the schema does not allow null; fill it in or make the type "
                    + "[\"null\",\"string\"]",
                "a.csv, line 5, column ITEM_ID: empty, but the schema does not allow null; fill it in or make the type "
                    + "[\"null\",\"string\"]",
                "a.csv, line 5: 2 fields where the header has 3",
            ]
        )
    }

    @Test func `ids and categories have a longest length, counted in characters`() throws {
        let fixture = try ImportFixture(
            ImportFixture.Fields("Items", ["ITEM_ID string", "G string categorical", "T string textual"])
        )
        func text(_ id: Int, _ category: Int, _ text: Int) -> String {
            let value = { String(repeating: "é", count: $0) }
            return "ITEM_ID,G,T\n\(value(id)),x|\(value(category)),\(value(text))\n"
        }
        #expect(try fixture.run(text(256, 1000, 20_000)).rowCount == 1)
        let start = String(repeating: "é", count: 40)
        let other = try ImportFixture(
            ImportFixture.Fields("Items", ["ITEM_ID string", "G string categorical", "T string textual"])
        )
        #expect(
            try other.faults(text(257, 1001, 20_001)) == [
                "a.csv, line 2, column ITEM_ID: Length cannot be more than 256 characters for COL ITEM_ID: \"\(start)…\"",
                "a.csv, line 2, column G: Length cannot be more than 1000 characters for COL G: \"x|\(start.dropLast(2))…\"",
                "a.csv, line 2, column T: Length cannot be more than 20000 characters for COL T: \"\(start)…\"",
            ]
        )
    }

    @Test func `numbers and booleans that cannot be read are named`() throws {
        let fixture = try ImportFixture(
            ImportFixture.Fields("Users", ["USER_ID string", "F float", "D double", "I int", "B boolean?"])
        )
        #expect(
            try fixture.faults("USER_ID,F,D,I,B\nu,1e39,nan,2147483648,1\nu,x,1e400,1.0,truth\nu,0x1p3,inf,--1,\n") == [
                "a.csv, line 2, column F: \"1e39\" is out of the range of type float",
                "a.csv, line 2, column D: \"nan\" is not a number",
                "a.csv, line 2, column I: \"2147483648\" is out of the range of type int",
                "a.csv, line 2, column B: \"1\" is not a boolean; write true or false",
                "a.csv, line 3, column F: \"x\" is not a number",
                "a.csv, line 3, column D: \"1e400\" is out of the range of type double",
                "a.csv, line 3, column I: \"1.0\" is not a whole number",
                "a.csv, line 3, column B: \"truth\" is not a boolean; write true or false",
                "a.csv, line 4, column F: \"0x1p3\" is not a number",
                "a.csv, line 4, column D: \"inf\" is not a number",
                "a.csv, line 4, column I: \"--1\" is not a whole number",
            ]
        )
    }

    @Test func `twenty faults are listed and all are counted`() throws {
        let fixture = try ImportFixture()
        let text = Self.header + (0..<1234).map { "u,i,t\($0)\n" }.joined()
        let error = #expect(throws: ImportError.self) { _ = try fixture.run(text) }
        #expect(error?.faults.count == 20)
        #expect(error?.count == 1234)
        #expect(error?.faults.last?.line == 21)
        #expect(error?.description.split(separator: "\n").last == "… and 1214 more faults, 1234 in all")
        #expect(try fixture.leftovers() == [])
    }

    @Test func `a file that is missing is an error of the file`() throws {
        let fixture = try ImportFixture()
        let missing = fixture.directory.file("none.csv")
        let error = #expect(throws: (any Error).self) { _ = try fixture.run([CSVFile(path: missing)]) }
        #expect(error.map { "\($0)" } == "cannot open \"\(missing)\": No such file or directory")
        #expect(try fixture.leftovers() == [])
    }
}
