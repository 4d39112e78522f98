import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Personalize

@Suite struct SnapshotTests {
    @Test func `a snapshot says what it is and finds codes`() throws {
        let fixture = try ImportFixture()
        let text = "USER_ID,ITEM_ID,TIMESTAMP\n" + (0..<5000).map { "u\($0 % 700),i\($0 % 13),\($0)\n" }.joined()
        let snapshot = try fixture.snapshot(fixture.run(text))
        #expect(snapshot.datasetType == .interactions)
        #expect(snapshot.schemaFingerprint == fixture.schema.fingerprint)
        #expect(snapshot.rowCount == 5000)
        let users = try #require(snapshot.strings("USER_ID"))
        #expect(users.dictionary.count == 700)
        #expect(users.dictionary.strings == (0..<700).map { "u\($0)" })
        for code in 0..<700 { #expect(users.dictionary.code(of: "u\(code)") == UInt32(code)) }
        #expect(users.dictionary.code(of: "u700") == nil)
        #expect(users.dictionary.code(of: "") == nil)
        #expect(Array(users.codes) == (0..<5000).map { UInt32($0 % 700) })
        #expect(try Array(#require(snapshot.integers("TIMESTAMP"))) == (0..<5000).map { Int64($0) })
        #expect(snapshot.floats("TIMESTAMP") == nil)
        #expect(snapshot.column("EVENT_TYPE") == nil)
    }

    @Test func `its name is the hash of its bytes`() throws {
        let fixture = try ImportFixture()
        let outcome = try fixture.run("USER_ID,ITEM_ID,TIMESTAMP\nu,i,1\n")
        let bytes = try Data(contentsOf: URL(filePath: "\(fixture.out)/\(outcome.snapshot)"))
        #expect(bytes.count % 64 == 0)
        // The format is kept: a change of these bytes needs a new version in the header.
        #expect(outcome.snapshot == "d5864b2469934d1c3edfcd6f84441f52846969a83ea784d0d471a6c3b5bbaa54")
    }

    @Test func `a later record of an id, and a later snapshot, win`() throws {
        let fixture = try ImportFixture(ImportFixture.items)
        let header = "ITEM_ID,TITLE,GENRES,YEAR,PRICE,NEW\n"
        let first = try fixture.run(header + "a,one,X,1,1,true\nb,two,X|Y,2,2,\na,three,,3,,\n")
        let second = try fixture.run(header + "c,four,Z,4,4,false\nb,five,,5,0.1,true\n", name: "b.csv")
        let table = try #require(EntityTable(.items, [fixture.snapshot(first), fixture.snapshot(second)]))
        let columns = ["TITLE", "YEAR", "PRICE", "NEW", "NONE"]
        #expect(table.record(of: "a", columns: columns)?.values == ["three", 3, nil, nil, nil])
        #expect(table.record(of: "b", columns: columns)?.values == ["five", 5, 0.1, true, nil])
        #expect(table.record(of: "c", columns: columns)?.values == ["four", 4, 4, false, nil])
        #expect(table.record(of: "d", columns: columns) == nil)
        #expect(table.ids == ["a", "b", "c"])
        #expect(table.hasColumn("TITLE") && !table.hasColumn("NONE"))
        let old = try #require(EntityTable(.items, [fixture.snapshot(first)]))
        #expect(try old.values("GENRES", at: #require(old.row(of: "b"))) == ["X", "Y"])
        #expect(try old.values("GENRES", at: #require(old.row(of: "a"))) == [])
        #expect(EntityTable(.interactions, []) == nil)
    }

    @Test func `floats read as they were written`() throws {
        let fixture = try ImportFixture(ImportFixture.Fields("Users", ["USER_ID string", "F float?", "D double?"]))
        let rows = try fixture.rows("USER_ID,F,D\nu,4.1,4.1\nv,0.000001,1e-300\nw,16777216,123456789012345678\nx,,\n")
        #expect(rows.map { $0[1] } == [4.1, 0.000001, 16_777_216, nil])
        #expect(rows.map { $0[2] } == [4.1, 1e-300, 123456789012345680, nil])
    }

    @Test(arguments: ["truncated", "lengthened", "magic", "version", "header", "values", "empty"])
    func `a damaged snapshot is refused`(damage: String) throws {
        let fixture = try ImportFixture()
        let name = try fixture.run("USER_ID,ITEM_ID,TIMESTAMP\nu,i,1\n").snapshot
        let url = URL(filePath: "\(fixture.out)/\(name)")
        var data = try Data(contentsOf: url)
        switch damage {
        case "truncated": data.removeLast(64)
        case "lengthened": data.append(contentsOf: [0, 0])
        case "magic": data[0] ^= 1
        case "version": data[8] = 9
        case "header": data[80] ^= 1
        case "values": data[data.count - 300] ^= 1
        default: data = Data()
        }
        try data.write(to: url)
        let place = "snapshot \"\(fixture.out)/\(name)\" is damaged: "
        let verified = #expect(throws: SnapshotError.self) { _ = try Snapshot(name, in: fixture.out) }
        #expect(verified?.description == place + "its bytes have changed since it was written; import the data again")
        guard damage != "values" else { return }
        let facts = [
            "truncated": "it has \(data.count) bytes where \(data.count + 64) were written",
            "lengthened": "it has \(data.count) bytes where \(data.count - 2) were written",
            "magic": "it is no snapshot", "version": "its version is 9, and only version 1 can be read",
            "header": "its header has changed since it was written", "empty": "it is no snapshot",
        ]
        let error = #expect(throws: SnapshotError.self) { _ = try Snapshot(name, in: fixture.out, isVerified: false) }
        #expect(error?.description == "\(place)\(facts[damage] ?? ""); import the data again")
    }

    @Test func `a missing snapshot is named`() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: SnapshotError.self) { _ = try Snapshot("abc", in: directory.path) }
        #expect(error?.description == "cannot open \"\(directory.path)/abc\": No such file or directory")
    }
}
