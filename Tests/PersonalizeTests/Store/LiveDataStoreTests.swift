import FoundationEssentials
import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

/// What every store must do with records that are put one by one; here on a file and in memory.
@Suite struct LiveDataStoreTests {
    private let directory: TemporaryDirectory
    private static let group = resource(.datasetGroup, "g", parent: nil)
    private static let dataset = resource(.dataset, "d", parent: group.arn)

    init() throws { directory = try TemporaryDirectory() }

    private static func resource(_ kind: ResourceKind, _ name: String, parent: String?) -> Resource {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        return Resource(
            arn: arn("\(kind.rawValue)/\(name)"),
            kind: kind,
            name: name,
            parentArn: parent,
            status: .active,
            body: [:],
            createdAt: now,
            updatedAt: now
        )
    }

    private func stores() async throws -> [any PersonalizeStore] {
        let stores: [any PersonalizeStore] = [
            try SQLiteStore(path: directory.file("store.sqlite")), try SQLiteStore.inMemory(),
        ]
        for store in stores {
            var transition = ResourceTransition()
            transition.inserts = [Self.group, Self.dataset]
            try await store.commit(transition)
        }
        return stores
    }

    private static func batch(_ ids: String?...) -> LiveBatch {
        let records = ids.map { LiveRecord(id: $0, session: "s", fields: ["ITEM_ID": .string($0 ?? "\"ü\"")]) }
        return LiveBatch(datasetArn: dataset.arn, records: records)
    }

    @Test func `batches come back in their order, page by page`() async throws {
        for store in try await stores() {
            let first = try await store.append(Self.batch("a", nil))
            let second = try await store.append(Self.batch("b"))
            #expect(first.sequence < second.sequence)
            let all = try await store.liveBatches(of: Self.dataset.arn, after: 0, limit: 9)
            #expect(all == [first, second])
            #expect(try await store.liveBatches(of: Self.dataset.arn, after: 0, limit: 1) == [first])
            #expect(try await store.liveBatches(of: Self.dataset.arn, after: first.sequence, limit: 9) == [second])
        }
    }

    @Test func `a record of an id that was there is left out, also when its batch has been sealed`() async throws {
        for store in try await stores() {
            let first = try await store.append(Self.batch("a", "b", "a"))
            #expect(first.records.map(\.id) == ["a", "b"])
            var transition = ResourceTransition()
            transition.sealed[Self.dataset.arn] = first.sequence
            try await store.commit(transition)
            #expect(try await store.append(Self.batch("b", "a")).records == [])
            let later = try await store.append(Self.batch("b", nil, "c", nil))
            #expect(later.records.map(\.id) == [nil, "c", nil])
            #expect(later.sequence > first.sequence)
            #expect(try await store.liveBatches(of: Self.dataset.arn, after: 0, limit: 9) == [later])
        }
    }

    @Test func `ids differ in any byte, null characters and all`() async throws {
        for store in try await stores() {
            let ids = ["a\u{0}b", "a\u{0}c", "a", "\u{1}\u{7f}", "é", "e\u{301}", "\u{1F600}\u{0}"]
            for id in ids {
                let saved = try await store.append(Self.batch(id))
                #expect(saved.records.count == 1)
            }
            for id in ids { #expect(try await store.append(Self.batch(id)).records == []) }
            let read = try await store.liveBatches(of: Self.dataset.arn, after: 0, limit: 99).flatMap(\.records)
            #expect(read.compactMap(\.id).map { Array($0.utf8) } == ids.map { Array($0.utf8) })
        }
    }

    @Test func `what belongs to a dataset goes with it, and nothing comes after`() async throws {
        for store in try await stores() {
            _ = try await store.append(Self.batch("a"))
            var transition = ResourceTransition()
            transition.deletes = [Self.dataset.arn]
            try await store.commit(transition)
            #expect(try await store.liveBatches(of: Self.dataset.arn, after: 0, limit: 9) == [])
            await #expect(throws: PersonalizeConflict.parentMissing(arn: Self.dataset.arn)) {
                try await store.append(Self.batch("b"))
            }
        }
    }

    @Test func `requests that come together share a commit`() async throws {
        let store = try SQLiteStore(path: directory.file("group.sqlite"))
        var transition = ResourceTransition()
        transition.inserts = [Self.group, Self.dataset]
        try await store.commit(transition)
        let before = store.transactionCount
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask { _ = try await store.append(Self.batch("e\(number)")) }
            }
            try await group.waitForAll()
        }
        #expect(store.transactionCount - before < 250)
        let batches = try await store.liveBatches(of: Self.dataset.arn, after: 0, limit: 1000)
        #expect(Set(batches.flatMap(\.records).compactMap(\.id)).count == 500)
    }
}
