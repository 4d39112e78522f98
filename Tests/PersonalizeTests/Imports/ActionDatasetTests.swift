import JSON
import Personalize
import TestSupport
import Testing

@Suite struct ActionDatasetTests {
    @Test func `actions are imported, put, exported and merged as items are`() async throws {
        let test = try ServiceUnderTest { $0.maximumPutSnapshots = 1 }
        try await test.running {
            try await test.prepareFilms()
            try await test.prepareActions()
            try test.directory.write("ACTION_ID,VALUE\na1,1\na2,\n", to: "bucket/Actions/a.csv")
            let first = try await test.importFiles("actions", "ACTIONS", "s3://bucket/Actions/")
            #expect(first.status == .active)
            let actions = JSON.string(arn("dataset/films/ACTIONS"))
            for value in 2...4 {
                let action: JSON = ["actionId": "a1", "properties": .string(#"{"value":\#(value)}"#)]
                _ = try await test.service.putActions(["datasetArn": actions, "actions": [action]])
                try await test.service.sealNow(arn("dataset/films/ACTIONS"))
            }
            try await test.service.compactNow(arn("dataset/films/ACTIONS"))
            #expect(try await test.rowCounts("ACTIONS") == [.bulk: 2, .put: 3])
            #expect(try await test.snapshotNames("ACTIONS").count == 2)
            try await test.export("actions", "ACTIONS", mode: "ALL")
            #expect(try test.exported("actions") == "ACTION_ID,VALUE\na2,\na1,4\n")
            try await test.importFiles("more", "ACTIONS", "s3://bucket/out/actions.csv", mode: "INCREMENTAL")
            #expect(try await test.rowCounts("ACTIONS") == [.bulk: 4, .put: 3])
        }
    }

    @Test func `what users did with actions is imported, put and exported, and deleted with them`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.prepareActions()
            let header = "USER_ID,ACTION_ID,EVENT_TYPE,TIMESTAMP\n"
            try test.directory.write(header + "u1,a1,Taken,5\nu2,a1,Viewed,6\n", to: "bucket/Taken/a.csv")
            let first = try await test.importFiles("taken", "ACTION_INTERACTIONS", "s3://bucket/Taken/")
            #expect(first.status == .active)
            try await test.take("a2", by: "u1", tracking: tracking, at: 7)
            try await test.take("a2", by: "u2", tracking: tracking, at: 8)
            try await test.export("before", "ACTION_INTERACTIONS", mode: "ALL")
            let before = header + "u1,a1,Taken,5\nu2,a1,Viewed,6\nu1,a2,Taken,7\nu2,a2,Taken,8\n"
            #expect(try test.exported("before") == before)
            try await test.delete(["u1"])
            try await test.export("after", "ACTION_INTERACTIONS", mode: "ALL")
            #expect(try test.exported("after") == header + "u2,a1,Viewed,6\nu2,a2,Taken,8\n")
        }
    }
}
