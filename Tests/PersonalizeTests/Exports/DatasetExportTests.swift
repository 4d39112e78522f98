import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Personalize

@Suite struct DatasetExportTests {
    private struct Place {
        let directory = Result { try TemporaryDirectory() }

        func path(_ name: String) throws -> String { try directory.get().file(name) }
        func text(_ name: String) throws -> String {
            try String(contentsOf: URL(filePath: path(name)), encoding: .utf8)
        }

        func export(_ schema: Schema, _ snapshots: [DatasetSnapshot], _ mode: DatasetExport.Mode) throws -> Int {
            let directory = try directory.get().path
            let export = DatasetExport(
                schema: schema,
                snapshots: snapshots,
                mode: mode,
                directory: directory,
                progress: { _ in },
                isCancelled: { false }
            )
            return try export.run(to: path("out.csv"))
        }

        func imported(_ schema: Schema) throws -> DatasetImport.Outcome {
            let file = CSVFile(path: try path("out.csv"))
            return try DatasetImport(schema: schema, files: [file]).run(into: directory.get().path)
        }

        /// Writes records as a snapshot of a dataset.
        func snapshot(_ records: [JSONObject], _ schema: Schema) throws -> DatasetSnapshot {
            let batch = LiveBatch(sequence: 1, datasetArn: "d", records: records.map { LiveRecord(fields: $0) })
            return try RecordSnapshot.write([batch], schema: schema, to: directory.get().path)
        }
    }

    @Test(arguments: DatasetType.allCases, 0..<8)
    func `an export that is imported again gives the same snapshot`(type: DatasetType, seed: Int) throws {
        let place = Place()
        let schema = try RandomRecords.schema(type)
        var random = RandomRecords(schema, seed: seed)
        let batches = random.batches(300)
        let snapshot = try RecordSnapshot.write(batches, schema: schema, to: place.directory.get().path)
        #expect(try place.export(schema, [snapshot], .put) == 300)
        let again = try place.imported(schema)
        #expect(again.snapshot == snapshot.name)
        #expect(again.warnings == [])
    }

    @Test func `fields are quoted where they must be, and numbers are as they came`() throws {
        let place = Place()
        let fields = ["ITEM_ID string", "TITLE string?", "YEAR int?", "PRICE double?", "RATE float?", "NEW boolean?"]
        let schema = try Schema(parsing: ImportFixture.Fields("Items", fields).text)
        let snapshot = try place.snapshot(
            [
                [
                    "ITEM_ID": "i1", "TITLE": "said \"no\", then\nleft", "YEAR": "1999", "PRICE": "0.1",
                    "RATE": "4.1", "NEW": "true",
                ],
                ["ITEM_ID": "i2", "TITLE": #"C:\temp"#], ["ITEM_ID": "i3", "TITLE": #"a,\"#],
            ],
            schema
        )
        _ = try place.export(schema, [snapshot], .all)
        let expected = #"""
            ITEM_ID,TITLE,YEAR,PRICE,RATE,NEW
            i1,"said ""no"", then
            left",1999,0.1,4.1,true
            i2,C:\temp,,,,
            i3,"a,\\",,,,

            """#
        #expect(try place.text("out.csv") == expected)
    }

    @Test func `of imported and put records of an id only the newest is written, of put ones alone all`() throws {
        let place = Place()
        let schema = try Schema(parsing: ImportFixture.Fields("Users", ["USER_ID string", "AGE int?"]).text)
        var bulk = try place.snapshot([["USER_ID": "a", "AGE": "1"], ["USER_ID": "b", "AGE": "2"]], schema)
        bulk.source = .bulk
        let put = try place.snapshot(
            [["USER_ID": "b", "AGE": "3"], ["USER_ID": "c"], ["USER_ID": "b", "AGE": "4"]],
            schema
        )
        #expect(try place.export(schema, [bulk, put], .all) == 3)
        #expect(try place.text("out.csv") == "USER_ID,AGE\na,1\nc,\nb,4\n")
        #expect(try place.export(schema, [bulk, put], .put) == 3)
        #expect(try place.text("out.csv") == "USER_ID,AGE\nb,3\nc,\nb,4\n")
        #expect(try place.export(schema, [bulk, put], .bulk) == 2)
        #expect(try place.text("out.csv") == "USER_ID,AGE\na,1\nb,2\n")
    }

    @Test func `a column that came to the schema later is empty in older records`() throws {
        let place = Place()
        let old = try Schema(parsing: ImportFixture.Fields("Users", ["USER_ID string", "AGE int?"]).text)
        let fields = ["USER_ID string", "CITY string? categorical", "AGE int?"]
        let new = try Schema(parsing: ImportFixture.Fields("Users", fields).text)
        let snapshot = try place.snapshot([["USER_ID": "a", "AGE": "1"]], old)
        _ = try place.export(new, [snapshot], .all)
        #expect(try place.text("out.csv") == "USER_ID,CITY,AGE\na,,1\n")
    }
}
