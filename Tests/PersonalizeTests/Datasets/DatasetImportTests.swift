import FoundationEssentials
import JSON
import Testing

@testable import Personalize

@Suite struct DatasetImportTests {
    private static let header = "USER_ID,ITEM_ID,TIMESTAMP\n"

    @Test func `records come back as they were written`() throws {
        let fixture = try ImportFixture(ImportFixture.items)
        let rows = try fixture.rows(
            """
            ITEM_ID,TITLE,GENRES,YEAR,PRICE,NEW
            1,Toy Story,Adventure|Comedy,1995,4.25,true
            2,,,,,
            3,Amélie,Romance,-2001,-1e3,FALSE

            """
        )
        #expect(
            rows == [
                ["1", "Toy Story", "Adventure|Comedy", 1995, 4.25, true],
                ["2", nil, nil, nil, nil, nil],
                ["3", "Amélie", "Romance", -2001, -1000, false],
            ]
        )
    }

    @Test(
        arguments: zip(
            [
                #""a,b""#, #""a""b""#, #""a\"b""#, #""a\\b""#, #""a\nb""#, "\"a\nb\"", "\"a\r\nb\"", #"a"b"#, #"a\"b"#,
                #""""#, #"" a ""#, #""""""#, #""\\""#, #""a\""#, "  a ", #""ä,ö""#, "\"\n\n\"",
            ],
            [
                "a,b", "a\"b", "a\"b", "a\\b", #"a\nb"#, "a\nb", "a\r\nb", "a\"b", #"a\"b"#,
                nil, " a ", "\"", "\\", nil, "  a ", "ä,ö", "\n\n",
            ] as [String?]
        )
    )
    func `quotes and escapes`(field: String, value: String?) throws {
        let fixture = try ImportFixture(ImportFixture.Fields("Users", ["USER_ID string", "NAME string?", "AGE int"]))
        guard field != #""a\""# else {
            // An escaped quote does not close the field.
            let faults = try fixture.faults("USER_ID,NAME,AGE\n1,\(field),7\n")
            #expect(
                faults.first
                    == #"a.csv, line 2, column NAME: the quote that opens here, before "a\",7…", is never closed"#
            )
            return
        }
        #expect(try fixture.rows("USER_ID,NAME,AGE\n1,\(field),7\n") == [["1", JSON(value), 7]])
    }

    @Test(
        arguments: [
            "USER_ID,ITEM_ID,TIMESTAMP\nu,i,1\nv,j,2\n", "USER_ID,ITEM_ID,TIMESTAMP\nu,i,1\nv,j,2",
            "USER_ID,ITEM_ID,TIMESTAMP\r\nu,i,1\r\nv,j,2\r\n", "USER_ID,ITEM_ID,TIMESTAMP\r\nu,i,1\r\nv,j,2",
            "\u{feff}USER_ID,ITEM_ID,TIMESTAMP\nu,i,1\nv,j,2\n", "USER_ID,ITEM_ID,TIMESTAMP\n\nu,i,1\n\n\r\nv,j,2\n\n",
            "\"USER_ID\",\"ITEM_ID\",\"TIMESTAMP\"\n\"u\",\"i\",\"1\"\r\n\"v\",\"j\",\"2\"\r\n",
            "TIMESTAMP,USER_ID,ITEM_ID\n1,u,i\n2,v,j\n", "USER_ID,X,ITEM_ID,TIMESTAMP,\nu,,i,1,\"\"\nv,\",\",j,2,3\n",
        ]
    )
    func `line ends, a byte order mark, blank lines, any order and extra columns make no difference`(text: String)
        throws
    {
        #expect(try ImportFixture().rows(text) == [["u", "i", 1], ["v", "j", 2]])
    }

    @Test func `another order and extra columns are warned of`() throws {
        let fixture = try ImportFixture()
        #expect(try fixture.run(Self.header + "u,i,1").warnings == [])
        #expect(
            try fixture.run("TIMESTAMP,USER_ID,RATING,ITEM_ID,\n1,u,5,i,\n").warnings == [
                "a.csv, line 1: columns that are not in the schema are ignored: \"RATING\", \"\"",
                "a.csv, line 1: the columns are not in the schema's order, USER_ID,ITEM_ID,TIMESTAMP",
            ]
        )
    }

    @Test func `all files of a folder are one import, in the order of their names`() throws {
        let fixture = try ImportFixture()
        let files = try [("b.csv", "v,j,2"), ("c.csv", ""), ("a.csv", "u,i,1\n"), ("d.csv", "u,j,3\n")].map {
            name,
            rows in
            try fixture.file(name, Array((Self.header + rows).utf8))
        }
        let outcome = try fixture.run(files)
        #expect(try fixture.rows(outcome) == [["u", "i", 1], ["v", "j", 2], ["u", "j", 3]])
        #expect(try fixture.run(files.reversed()) == outcome)
    }

    /// A file with everything that can be cut in two: quotes, escapes, line ends, letters of several bytes.
    private static let awkward: String = {
        let titles = [
            "\"a\"\"b\"", "\"x\r\ny\"", "\"q\\\"\\\\\"", "plain", "\"ü,ß\"", "", "日本", "\"\n\n\"", "in\"side",
        ]
        var text = "\u{feff}ITEM_ID,TITLE,GENRES,YEAR,PRICE,NEW\r\n"
        for row in 0..<60 {
            let end = row % 3 == 0 ? "\r\n" : "\n"
            text += "i\(row * 7 % 31),\(titles[row % titles.count]),G\(row % 5)|H,\(1900 + row),\(row).5,true\(end)"
        }
        return text
    }()

    @Test(arguments: [1, 2, 3, 7, 16, 61, 64, 100, 1000, 1 << 20], [1, 2, 5])
    func `the snapshot does not depend on blocks and threads`(blockSize: Int, threads: Int) throws {
        var fixture = try ImportFixture(ImportFixture.items)
        let whole = try fixture.run(Self.awkward)
        fixture.limits.blockSize = blockSize
        fixture.limits.threads = threads
        #expect(try fixture.run(Self.awkward) == whole)
        #expect(whole.rowCount == 60)
        #expect(try fixture.leftovers() == [whole.snapshot])
    }

    @Test(arguments: [1, 2, 5, 64, 1 << 20])
    func `faults do not depend on blocks`(blockSize: Int) throws {
        var fixture = try ImportFixture(ImportFixture.items)
        fixture.limits.blockSize = blockSize
        let text = Self.awkward + "x\n\"new\nline\",\"\n\",,199x,,\n\ny,,,,,maybe\n"
        let lines = Self.awkward.unicodeScalars.count { $0 == "\n" }
        #expect(
            try fixture.faults(text) == [
                "a.csv, line \(lines + 1): 1 field where the header has 6",
                "a.csv, line \(lines + 4), column YEAR: \"199x\" is not a whole number",
                "a.csv, line \(lines + 6), column NEW: \"maybe\" is not a boolean; write true or false",
            ]
        )
    }

    @Test func `progress counts bytes and records, and an import can be cancelled`() throws {
        var fixture = try ImportFixture()
        fixture.limits.blockSize = 64
        let text = Self.header + (0..<1000).map { "u\($0),i,1\n" }.joined()
        let file = try fixture.file("a.csv", Array(text.utf8))
        let reading = DatasetImport(schema: fixture.schema, files: [file], limits: fixture.limits)
        var reports: [DatasetImport.Progress] = []
        _ = try reading.run(into: fixture.out) { reports.append($0) }
        #expect(reports.count > 10)
        #expect(reports.map(\.bytesRead) == reports.map(\.bytesRead).sorted())
        #expect(reports.last?.bytesRead == text.utf8.count)
        #expect(reports.last?.totalBytes == text.utf8.count)
        #expect(reports.last?.rowCount == 1000)

        let other = try ImportFixture()
        var asked = 0
        #expect(throws: CancellationError.self) {
            _ = try reading.run(
                into: other.out,
                isCancelled: {
                    asked += 1
                    return asked > 3
                }
            )
        }
        #expect(asked == 4)
        #expect(try other.leftovers() == [])
    }

    @Test(arguments: [256, 1000, 4096])
    func `a file is cut into blocks of bounded length, none lost`(blockSize: Int) throws {
        var fixture = try ImportFixture()
        fixture.limits.blockSize = blockSize
        let text = Self.header + (0..<3000).map { "user\($0),\"item\n\($0 % 7)\",\($0)\n" }.joined()
        let file = try fixture.file("a.csv", Array(text.utf8))
        var source = BlockSource([file], headerLengths: [Self.header.utf8.count], limits: fixture.limits)
        var joined = Self.header
        var longest = 0
        while let block = try source.next() {
            longest = max(longest, block.bytes.count)
            joined += String(decoding: block.bytes, as: UTF8.self)
        }
        #expect(joined == text)
        #expect(longest < 2 * blockSize)
    }
}
