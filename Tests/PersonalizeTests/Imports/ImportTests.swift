import JSON
import Personalize
import TestSupport
import Testing

@Suite struct ImportTests {
    @Test func `a folder's files make one import, a single file another`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let lines = Films().interactions().split(separator: "\n")
            for (name, rows) in [("a", lines[1..<100]), ("b", lines[100...])] {
                let text = ([lines[0]] + rows).joined(separator: "\n") + "\n"
                try test.directory.write(text, to: "bucket/Parts/\(name).csv")
            }
            let whole = try await test.importFiles("whole", "INTERACTIONS", "s3://bucket/Parts/")
            #expect(whole.status == .active)
            let one = try await test.importFiles("one", "INTERACTIONS", "s3://bucket/Parts/b.csv")
            #expect(one.status == .active)
        }
    }

    @Test(arguments: ["s3://bucket/Nowhere/", "s3://other/Items/", "s3://bucket/Items/none.csv", "s3://bucket/Empty/"])
    func `a location without files fails in the service's words`(_ location: String) async throws {
        let test = try ServiceUnderTest()
        try test.directory.write("no data", to: "bucket/Empty/readme.txt")
        try await test.running {
            try await test.prepareFilms()
            let job = try await test.importFiles("bad", "ITEMS", location)
            #expect(job.status == .createFailed)
            #expect(try await test.failureReason("DatasetImportJob", job.arn) == "Invalid Data location.")
        }
    }

    @Test func `a file that lacks a column fails with its name`() async throws {
        let test = try ServiceUnderTest()
        try test.directory.write("ITEM_ID,GENRES\n1,drama\n", to: "bucket/Bad/a.csv")
        try await test.running {
            try await test.prepareFilms()
            let job = try await test.importFiles("bad", "ITEMS", "s3://bucket/Bad/")
            let reason = try await test.failureReason("DatasetImportJob", job.arn)
            #expect(reason?.contains("Input CSV is missing the following columns:[PRICE]") == true)
        }
    }

    @Test func `an incremental import needs a full one before it`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.create("CreateDatasetGroup", ["name": "films"])
            try await test.call("CreateSchema", ["name": "things", "schema": .string(itemsSchema)])
            try await test.create(
                "CreateDataset",
                [
                    "name": "things", "schemaArn": .string(arn("schema/things")), "datasetType": "ITEMS",
                    "datasetGroupArn": .string(arn("dataset-group/films")),
                ]
            )
            let input: JSON = [
                "jobName": "more", "datasetArn": .string(arn("dataset/films/ITEMS")), "importMode": "INCREMENTAL",
                "dataSource": ["dataLocation": "s3://bucket/Items/"],
            ]
            #expect(await test.code("CreateDatasetImportJob", input) == .invalidInput)
        }
    }

    @Test func `a full import replaces, an incremental one adds and overrides`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let config: JSON = ["enableMetadataWithRecommendations": true]
            let campaign = try await test.serve("hot", campaignConfig: config)
            func genres(_ item: String) throws -> JSON? {
                try test.service.runtime.itemMetadata(campaign, ids: [item])[item]?["GENRES"]
            }
            var changes = test.service.changes(of: campaign).makeAsyncIterator()
            try test.directory.write("ITEM_ID,GENRES,PRICE\ni1,noir,1\n", to: "bucket/More/b.csv")
            try await test.importFiles("more", "ITEMS", "s3://bucket/More/", mode: "INCREMENTAL")
            await changes.next()
            #expect(try genres("i1") == "noir")
            #expect(try genres("i2") == "drama|war")
            try await test.importFiles("all", "ITEMS", "s3://bucket/More/")
            await changes.next()
            #expect(try genres("i1") == "noir")
            #expect(try genres("i2") == nil)
        }
    }

    @Test func `too many pending imports are refused`() async throws {
        let test = try ServiceUnderTest { $0.maximumPendingImports = 1 }
        try await test.running { try await test.prepareFilms() }
        func job(_ name: String) -> JSON {
            [
                "jobName": .string(name), "datasetArn": .string(arn("dataset/films/ITEMS")),
                "dataSource": ["dataLocation": "s3://bucket/Items/"],
            ]
        }
        try await test.call("CreateDatasetImportJob", job("one"))
        let error = await test.error("CreateDatasetImportJob", job("two"))
        #expect(error == PersonalizeError(.limitExceeded, "More than 1 resources with PENDING or IN_PROGRESS status."))
        #expect(await test.code("DeleteDataset", ["datasetArn": .string(arn("dataset/films/ITEMS"))]) == .resourceInUse)
    }

    @Test func `jobs are listed by dataset, without what only describe shows`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let input: JSON = ["datasetArn": .string(arn("dataset/films/ITEMS"))]
            let jobs = try await test.call("ListDatasetImportJobs", input)["datasetImportJobs"]?.array ?? []
            #expect(jobs.map { $0["jobName"]?.string } == ["items-1"])
            #expect(jobs[0]["dataSource"] == nil)
            #expect(jobs[0]["importMode"] == "FULL")
        }
    }
}
