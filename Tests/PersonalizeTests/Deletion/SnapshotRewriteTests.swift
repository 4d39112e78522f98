import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import Personalize

@Suite struct SnapshotRewriteTests {
    private static let userTypes = DatasetType.allCases.filter { ![.items, .actions].contains($0) }

    private func rewrite(_ schema: Schema, in directory: TemporaryDirectory) -> SnapshotRewrite {
        SnapshotRewrite(schema: schema, directory: directory.path, isCancelled: { false })
    }

    private func write(_ batches: [LiveBatch], _ schema: Schema, _ directory: TemporaryDirectory) throws
        -> DatasetSnapshot
    {
        try RecordSnapshot.write(batches, schema: schema, to: directory.path)
    }

    @Test(arguments: userTypes, 0..<4)
    func `without users a snapshot is as if they had never been in it`(type: DatasetType, seed: Int) throws {
        let directory = try TemporaryDirectory()
        let schema = try RandomRecords.schema(type)
        var random = RandomRecords(schema, seed: seed)
        let batches = random.batches(400)
        let users = { (batch: LiveBatch) in batch.records[0].fields["USER_ID"]?.string ?? "" }
        let gone = Set(batches.prefix(3).map(users).map { Array($0.utf8) })
        let listed = batches.prefix(3).map {
            LiveBatch(datasetArn: "d", records: [LiveRecord(fields: ["USER_ID": .string(users($0))])])
        }
        let list = try UserList(write(Array(listed), UserList.schema, directory).name, in: directory.path)
        let before = try write(batches, schema, directory)
        let left = try #require(try rewrite(schema, in: directory).run([before], without: [list]))
        let expected = try write(batches.filter { !gone.contains(Array(users($0).utf8)) }, schema, directory)
        #expect(left.name == expected.name)
        #expect(left.rowCount == expected.rowCount)
        #expect(left.rowCount < 400)
        #expect(left.parts == [DatasetSnapshot.Part(names: [before.name], rowCount: left.rowCount)])
    }

    @Test(arguments: DatasetType.allCases)
    func `merged snapshots are as one that was written at once`(type: DatasetType) throws {
        let directory = try TemporaryDirectory()
        let schema = try RandomRecords.schema(type)
        var random = RandomRecords(schema, seed: 9)
        let batches = random.batches(300)
        let parts = try [batches[..<100], batches[100..<101], batches[101...]].map {
            try write(Array($0), schema, directory)
        }
        let merged = try #require(try rewrite(schema, in: directory).run(parts))
        #expect(try merged.name == write(batches, schema, directory).name)
        #expect(merged.parts.map(\.names) == parts.map { [$0.name] })
        #expect(merged.rows(notIn: [parts[0].name]) == [100..<101, 101..<300])
        #expect(merged.rows(notIn: Set(parts.map(\.name))) == [])
        #expect(merged.rows(notIn: [merged.name]) == [])
        // Whoever knows only the first and the last finds the one between when they are merged once more.
        let again = try #require(try rewrite(schema, in: directory).run([merged, parts[1]]))
        #expect(again.rows(notIn: [parts[0].name, parts[2].name]) == [100..<101, 300..<301])
        #expect(again.rows(notIn: [merged.name]) == [300..<301])
    }

    @Test func `nothing is left of a snapshot that has no other users`() throws {
        let directory = try TemporaryDirectory()
        let schema = try RandomRecords.schema(.users)
        let batch = LiveBatch(datasetArn: "d", records: [LiveRecord(fields: ["USER_ID": "a"])])
        let list = try UserList(write([batch], UserList.schema, directory).name, in: directory.path)
        let snapshot = try write([batch], schema, directory)
        #expect(try rewrite(schema, in: directory).run([snapshot], without: [list]) == nil)
    }
}

@Suite struct CompactionPlanTests {
    private func snapshots(_ sizes: [Int], bulk: Set<Int> = []) -> [DatasetSnapshot] {
        sizes.enumerated().map { index, size in
            let source: DatasetSnapshot.Source = bulk.contains(index) ? .bulk : .put
            return DatasetSnapshot(name: "s\(index)", rowCount: size, source: source, importJobArn: nil)
        }
    }

    @Test func `few are left alone, of many the small ones are merged`() {
        #expect(Compaction.range(of: snapshots([1, 1, 1]), limit: 3) == nil)
        #expect(Compaction.range(of: snapshots([1, 1, 1, 1]), limit: 3) == 0..<4)
        #expect(Compaction.range(of: snapshots([900, 1, 1, 1]), limit: 3) == 1..<4)
        #expect(Compaction.range(of: snapshots([27, 9, 3, 1]), limit: 3) == 2..<4)
        #expect(Compaction.range(of: snapshots([1, 1, 5, 1, 1, 1], bulk: [2]), limit: 3) == 3..<6)
        #expect(Compaction.range(of: snapshots([1, 5, 1, 5, 1], bulk: [1, 3]), limit: 2) == nil)
    }

    @Test func `a row is written again few times, however much comes`() throws {
        var all: [DatasetSnapshot] = []
        var written = 0
        for number in 0..<1000 {
            all.append(DatasetSnapshot(name: "\(number)", rowCount: 1, source: .put, importJobArn: nil))
            while let range = Compaction.range(of: all, limit: 8) {
                let rowCount = all[range].reduce(0) { $0 + $1.rowCount }
                written += rowCount
                all.replaceSubrange(
                    range,
                    with: [DatasetSnapshot(name: "m", rowCount: rowCount, source: .put, importJobArn: nil)]
                )
            }
            #expect(all.count <= 8)
        }
        #expect(all.reduce(0) { $0 + $1.rowCount } == 1000)
        #expect(written < 8 * 1000)
    }

    @Test func `parts that nobody tells apart are one`() {
        let parts = [(["a"], 1), (["b"], 2), (["c", "d"], 3), ([], 4)].map {
            DatasetSnapshot.Part(names: $0, rowCount: $1)
        }
        #expect(Compaction.pruned(parts, known: []) == [])
        #expect(
            Compaction.pruned(parts, known: ["d"])
                == [([], 3), (["d"], 3), ([], 4)].map { DatasetSnapshot.Part(names: $0, rowCount: $1) }
        )
    }
}
