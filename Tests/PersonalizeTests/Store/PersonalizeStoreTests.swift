import FoundationEssentials
import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

/// What every store must do; here on a file and in memory.
@Suite struct PersonalizeStoreTests {
    private let directory: TemporaryDirectory
    private static let now = Date(timeIntervalSince1970: 1_800_000_000.25)

    init() throws { directory = try TemporaryDirectory() }

    private func stores() throws -> [any PersonalizeStore] {
        [try SQLiteStore(path: directory.file("store.sqlite")), try SQLiteStore.inMemory()]
    }

    private static func resource(
        _ kind: ResourceKind,
        _ name: String,
        parent: String? = nil,
        status: ResourceStatus = .active
    ) -> Resource {
        Resource(
            arn: arn("\(kind.rawValue)/\(name)"),
            kind: kind,
            name: name,
            parentArn: parent,
            status: status,
            body: ["b": 1, "a": [1.5, "x"]],
            createdAt: now,
            updatedAt: now
        )
    }

    private func commit(_ store: any PersonalizeStore, _ body: (inout ResourceTransition) -> Void) async throws {
        var transition = ResourceTransition()
        body(&transition)
        try await store.commit(transition)
    }

    @Test func `a resource comes back as it was saved`() async throws {
        for store in try stores() {
            var group = Self.resource(.datasetGroup, "g")
            try await commit(store) { $0.inserts = [group] }
            let read = try #require(try await store.resource(group.arn))
            #expect(read.sequence == 1)
            group.sequence = 1
            #expect(read == group)
            #expect(try await store.resource(arn("dataset-group/none")) == nil)
        }
    }

    @Test func `an outdated change is refused and nothing of it is saved`() async throws {
        for store in try stores() {
            let group = Self.resource(.datasetGroup, "g")
            try await commit(store) { $0.inserts = [group] }
            var changed = group
            changed.status = .deletePending
            try await commit(store) { $0.updates = [changed] }
            #expect(try await store.resource(group.arn)?.revision == 1)
            await #expect(throws: PersonalizeConflict.changed(arn: group.arn)) {
                try await commit(store) {
                    $0.inserts = [Self.resource(.datasetGroup, "h")]
                    $0.updates = [changed]
                }
            }
            #expect(try await store.resource(arn("dataset-group/h")) == nil)
        }
    }

    @Test func `names are unique, parents exist, and what is used stays`() async throws {
        for store in try stores() {
            let group = Self.resource(.datasetGroup, "g")
            let solution = Self.resource(.solution, "s", parent: group.arn)
            try await commit(store) { $0.inserts = [group, solution] }
            await #expect(throws: PersonalizeConflict.exists(arn: group.arn)) {
                try await commit(store) { $0.inserts = [group] }
            }
            await #expect(throws: PersonalizeConflict.parentMissing(arn: "arn:none")) {
                try await commit(store) { $0.inserts = [Self.resource(.solution, "t", parent: "arn:none")] }
            }
            await #expect(throws: PersonalizeConflict.inUse(arn: group.arn)) {
                try await commit(store) { $0.deletes = [group.arn] }
            }
            try await commit(store) { $0.deletes = [solution.arn, group.arn] }
            await #expect(throws: PersonalizeConflict.changed(arn: group.arn)) {
                try await commit(store) { $0.deletes = [group.arn] }
            }
        }
    }

    @Test func `queries choose, order and limit`() async throws {
        for store in try stores() {
            let group = Self.resource(.datasetGroup, "g")
            let solutions = (1...4).map {
                Self.resource(.solution, "s\($0)", parent: group.arn, status: $0 == 2 ? .createPending : .active)
            }
            try await commit(store) { $0.inserts = [group] + solutions }
            func names(_ query: ResourceQuery) async throws -> [String] { try await store.resources(query).map(\.name) }
            #expect(try await names(ResourceQuery(.solution)) == ["s1", "s2", "s3", "s4"])
            #expect(try await names(ResourceQuery(.solution, after: 3, limit: 1)) == ["s3"])
            #expect(try await names(ResourceQuery(.solution, limit: 2, isNewestFirst: true)) == ["s4", "s3"])
            #expect(try await names(ResourceQuery(statuses: [.createPending])) == ["s2"])
            #expect(try await names(ResourceQuery(.datasetGroup, .solution, parentArn: group.arn)).count == 4)
            #expect(try await names(ResourceQuery(.solution, parentArn: arn("dataset-group/h"))) == [])
            #expect(try await store.count(ResourceQuery(.solution, limit: 1)) == 4)
        }
    }

    @Test func `a dataset's snapshots are replaced as a whole and go with it`() async throws {
        for store in try stores() {
            let group = Self.resource(.datasetGroup, "g")
            let dataset = Self.resource(.dataset, "d", parent: group.arn)
            let first = DatasetSnapshot(name: "one", rowCount: 1, source: .bulk, importJobArn: "job")
            let second = DatasetSnapshot(
                name: "two",
                rowCount: 3,
                source: .put,
                importJobArn: nil,
                parts: [
                    DatasetSnapshot.Part(names: ["a", "b"], rowCount: 1), DatasetSnapshot.Part(names: [], rowCount: 2),
                ]
            )
            try await commit(store) {
                $0.inserts = [group, dataset]
                $0.snapshots[dataset.arn] = [first, second]
            }
            #expect(try await store.snapshots(of: dataset.arn) == [first, second])
            try await commit(store) { $0.snapshots[dataset.arn] = [second] }
            #expect(try await store.snapshots(of: dataset.arn) == [second])
            try await commit(store) { $0.deletes = [dataset.arn] }
            #expect(try await store.snapshots(of: dataset.arn) == [])
            await #expect(throws: PersonalizeConflict.parentMissing(arn: dataset.arn)) {
                try await commit(store) { $0.snapshots[dataset.arn] = [first] }
            }
        }
    }

    @Test func `a client token is answered once`() async throws {
        for store in try stores() {
            let request = AnsweredRequest(clientToken: "t", operation: "Op", response: ["a": 1], answeredAt: Self.now)
            #expect(try await store.answeredRequest("t") == nil)
            try await commit(store) { $0.request = request }
            #expect(try await store.answeredRequest("t") == request)
            await #expect(throws: PersonalizeConflict.answered(clientToken: "t")) {
                try await commit(store) {
                    $0.inserts = [Self.resource(.datasetGroup, "g")]
                    $0.request = request
                }
            }
            #expect(try await store.resource(arn("dataset-group/g")) == nil)
        }
    }
}
