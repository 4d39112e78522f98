import Bucket
import DurableExecution
import FoundationEssentials
import JSON
import Pipeline
import StatesLanguage
import Testing
import TestSupport

@Suite struct ItemSourceTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.file("data"), withIntermediateDirectories: true)
    }

    private func open(
        _ key: String?,
        _ config: JSONObject,
        resource: String = "getObject",
        prefix: String? = nil
    ) async throws -> any ItemSource {
        let bucket = try Bucket(name: "data", root: directory.file("data"))
        let reader = BucketItemReader(buckets: BucketDirectory([bucket]), makeID: { "0-1" })
        var arguments: JSON = ["Bucket": "data"]
        if let key { arguments["Key"] = .string(key) }
        if let prefix { arguments["Prefix"] = .string(prefix) }
        return try await reader.open(resource: "arn:aws:states:::s3:\(resource)", arguments: arguments, config: config)
    }

    /// All items, read in pages of a size, each by a source that was opened anew.
    private func items(
        _ key: String?,
        _ config: JSONObject,
        resource: String = "getObject",
        prefix: String? = nil,
        pageSize: Int = 2
    ) async throws -> [JSON] {
        var items: [JSON] = []
        var cursor: String?
        while true {
            let source = try await open(key, config, resource: resource, prefix: prefix)
            let page = try await source.read(after: cursor, limit: pageSize)
            items += page.items.map(\.value)
            cursor = page.items.last?.cursor ?? cursor
            if page.isLast { return items }
            guard !page.items.isEmpty else { throw CancellationError() }
        }
    }

    @Test(arguments: 1...4)
    func `rows of CSV have a member a column, whatever the line ends and quotes`(pageSize: Int) async throws {
        try directory.write("\u{FEFF}id,text\r\n1,\"a, \"\"b\"\"\nc\"\r\n\r\n2\r\n3,x,extra\n4,last", to: "data/a.csv")
        let rows = try await items("a.csv", ["InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"], pageSize: pageSize)
        #expect(
            rows == [
                ["id": "1", "text": "a, \"b\"\nc"], ["id": "2", "text": ""], ["id": "3", "text": "x"],
                ["id": "4", "text": "last"],
            ]
        )
    }

    @Test func `a header may be given, and the delimiter chosen`() async throws {
        try directory.write("1|2\n3|4\n", to: "data/a.csv")
        let config: JSONObject = [
            "InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x", "y"], "CSVDelimiter": "PIPE",
        ]
        #expect(try await items("a.csv", config) == [["x": "1", "y": "2"], ["x": "3", "y": "4"]])
    }

    @Test func `rows that are larger than what is read at once are read whole`() async throws {
        let long = String(repeating: "x", count: 700_000)
        try directory.write("a,b\n1,\(long)\n2,\"\(long)\"\n3,z\n", to: "data/a.csv")
        let rows = try await items("a.csv", ["InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"])
        #expect(rows.map { $0["a"] } == ["1", "2", "3"])
        #expect(rows[1]["b"]?.string?.count == 700_000)
    }

    @Test func `columns of one name are refused`() async throws {
        try directory.write("a,a\n1,2\n", to: "data/a.csv")
        let error = StatesError(name: "States.ItemReaderFailed", cause: "CSV headers cannot contain duplicates.")
        await #expect(throws: error) {
            try await items("a.csv", ["InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"])
        }
    }

    @Test(arguments: 1...4)
    func `elements of a JSON array are read one by one`(pageSize: Int) async throws {
        try directory.write(" [ 1, \"a]\\\"\", {\"b\": [2, 3]} ,null ]\n", to: "data/a.json")
        let values = try await items("a.json", ["InputType": "JSON"], pageSize: pageSize)
        #expect(values == [1, "a]\"", ["b": [2, 3]], nil])
    }

    @Test func `members of a JSON object are keys and values`() async throws {
        try directory.write("{\"a\": 1, \"b\": {\"c\": 2}}", to: "data/a.json")
        let values = try await items("a.json", ["InputType": "JSON"])
        #expect(values == [["Key": "a", "Value": 1], ["Key": "b", "Value": ["c": 2]]])
    }

    @Test func `a pointer leads to the array`() async throws {
        try directory.write("{\"x\": [\"]\"], \"a/b\": [{\"c\": [7, 8]}]}", to: "data/a.json")
        let values = try await items("a.json", ["InputType": "JSON", "ItemsPointer": "/a~1b/0/c"])
        #expect(values == [7, 8])
    }

    @Test(arguments: ["7", "\"text\"", ""]) func `what has no items is refused`(text: String) async throws {
        try directory.write(text, to: "data/a.json")
        let cause = "Attempting to map over non-iterable node."
        await #expect(throws: StatesError(name: "States.ItemReaderFailed", cause: cause)) {
            try await items("a.json", ["InputType": "JSON"])
        }
    }

    @Test(arguments: ["[1, 2", "[1 2]x", "[{]"]) func `an array that is broken fails`(text: String) async throws {
        try directory.write(text, to: "data/a.json")
        let error = await #expect(throws: StatesError.self) { try await items("a.json", ["InputType": "JSON"]) }
        #expect(error?.name == "States.ItemReaderFailed")
    }

    @Test(arguments: 1...3) func `lines of JSON Lines are items`(pageSize: Int) async throws {
        try directory.write("{\"a\":1}\n\n2\r\n[3]", to: "data/a.jsonl")
        #expect(try await items("a.jsonl", ["InputType": "JSONL"], pageSize: pageSize) == [["a": 1], 2, [3]])
    }

    @Test func `a list of objects is one of their keys, sizes and dates`() async throws {
        for name in ["b", "a", "c/d"] { try directory.write(name, to: "data/in/\(name)") }
        let values = try await items(nil, [:], resource: "listObjectsV2", prefix: "in/")
        #expect(values.compactMap { $0["Key"]?.string } == ["in/a", "in/b", "in/c/d"])
        #expect(values[2]["Size"] == 3)
        #expect(values[0]["StorageClass"] == "STANDARD")
        #expect(values[0]["LastModified"]?.int != nil)
        #expect(values[0]["Etag"]?.string?.hasPrefix("\"") == true)
    }

    @Test(arguments: 1...4) func `the rows of many objects are one list`(pageSize: Int) async throws {
        for name in 0..<3 { try directory.write("n\n\(name)1\n\(name)2\n", to: "data/in/\(name).csv") }
        let config: JSONObject = [
            "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "Transformation": "LOAD_AND_FLATTEN",
        ]
        let values = try await items(nil, config, resource: "listObjectsV2", prefix: "in/", pageSize: pageSize)
        #expect(values.compactMap { $0["n"]?.string } == ["01", "02", "11", "12", "21", "22"])
    }

    @Test func `an inventory lists objects by its schema`() async throws {
        let manifest: JSON = [
            "sourceBucket": "data", "destinationBucket": "arn:aws:s3:::data", "fileFormat": "CSV",
            "fileSchema": "Bucket, Key, Size", "files": [["key": "inventory/1.csv"], ["key": "inventory/2.csv"]],
        ]
        try directory.write(manifest.text, to: "data/manifest.json")
        try directory.write("\"data\",\"a.txt\",\"1\"\n", to: "data/inventory/1.csv")
        try directory.write("\"data\",\"b.txt\",\"2\"\n", to: "data/inventory/2.csv")
        let values = try await items("manifest.json", ["InputType": "MANIFEST"])
        #expect(
            values == [
                ["Bucket": "data", "Key": "a.txt", "Size": "1"], ["Bucket": "data", "Key": "b.txt", "Size": "2"],
            ]
        )
    }

    @Test func `an object that is missing has the error of the object store`() async throws {
        let error = await #expect(throws: StatesError.self) { try await items("none.csv", ["InputType": "CSV"]) }
        #expect(error?.name == "S3.NoSuchKeyException")
        #expect(error?.cause?.hasPrefix("The specified key does not exist. (Service: S3, Status Code: 404") == true)
    }

    @Test func `an inventory file that is missing fails the run`() async throws {
        let manifest: JSON = ["fileFormat": "CSV", "fileSchema": "Bucket, Key", "files": [["key": "none.csv"]]]
        try directory.write(manifest.text, to: "data/manifest.json")
        let error = await #expect(throws: StatesError.self) {
            try await items("manifest.json", ["InputType": "MANIFEST"])
        }
        #expect(error?.name == "S3.NoSuchKeyException")
    }

    @Test func `an object that changes under a run fails it`() async throws {
        try directory.write("[1, 2, 3]", to: "data/a.json")
        let page = try await open("a.json", ["InputType": "JSON"]).read(after: nil, limit: 1)
        try directory.write("[1, 2, 3, 4]", to: "data/a.json")
        let changed = try await open("a.json", ["InputType": "JSON"])
        let error = await #expect(throws: StatesError.self) {
            try await changed.read(after: page.items[0].cursor, limit: 1)
        }
        #expect(error?.cause == "The object \"a.json\" has changed since the Map Run began to read it.")
    }
}
