import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

@Suite struct FailingStoreTests {
    private static let diskFull = StoreError(.diskFull, "the disk is full")

    @Test func `a full disk delays a resource and leaves none in the middle of its life`() async throws {
        let test = try ServiceUnderTest(onTransaction: { number in
            if (2...4).contains(number) { throw Self.diskFull }
        })
        try await test.running {
            try await test.call("CreateDatasetGroup", ["name": "films"])
            for pause in [1, 2, 4] {
                await test.clock.sleepers()
                test.clock.advance(by: .seconds(pause))
            }
            let status = try await test.service.waitUntilSettled(arn("dataset-group/films"))
            #expect(status == .active)
        }
    }

    @Test func `a caller learns that it failed, and no more`() async throws {
        let test = try ServiceUnderTest(onTransaction: { _ in throw Self.diskFull })
        let error = await test.error("CreateDatasetGroup", ["name": "films"])
        #expect(error == PersonalizeError(.internalFailure, "Internal error"))
        #expect(try await test.call("ListDatasetGroups", [:])["datasetGroups"] == [])
    }
}
