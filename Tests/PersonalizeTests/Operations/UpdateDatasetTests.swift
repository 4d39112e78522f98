import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

@Suite struct UpdateDatasetTests {
    private static let itemsArn = JSON.string(arn("dataset/films/ITEMS"))
    private static let fields = [
        #"{"name":"ITEM_ID","type":"string"}"#, #"{"name":"GENRES","type":["null","string"],"categorical":true}"#,
        #"{"name":"PRICE","type":["null","float"]}"#,
    ]
    private static let brand = #"{"name":"BRAND","type":["null","string"],"categorical":true}"#

    private func schema(_ name: String, _ fields: [String], type: String = "Items", in test: ServiceUnderTest)
        async throws
    {
        let text = #"{"type":"record","name":"\#(type)","fields":[\#(fields.joined(separator: ","))],"version":"1.0"}"#
        try await test.call("CreateSchema", ["name": .string(name), "schema": .string(text)])
    }

    private func input(_ schema: String) -> JSON {
        ["datasetArn": Self.itemsArn, "schemaArn": .string(arn("schema/\(schema)"))]
    }

    private func dataset(_ test: ServiceUnderTest) async throws -> JSON {
        try await test.call("DescribeDataset", ["datasetArn": Self.itemsArn])["dataset"] ?? .null
    }

    @Test func `older records have no values in new columns, what comes has`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let config: JSON = ["enableMetadataWithRecommendations": true]
            let campaign = try await test.serve("hot", campaignConfig: config)
            #expect(try await dataset(test)["latestDatasetUpdate"] == nil)
            try await schema("wider", [Self.brand] + Self.fields, in: test)
            #expect(try await test.call("UpdateDataset", input("wider")) == ["datasetArn": Self.itemsArn])
            _ = try await test.service.waitUntilSettled(arn("dataset/films/ITEMS"))
            let shown = try await dataset(test)
            #expect(shown["schemaArn"]?.string == arn("schema/wider"))
            let update = try #require(shown["latestDatasetUpdate"]?.object)
            #expect(update["status"] == "ACTIVE")
            #expect(update["schemaArn"]?.string == arn("schema/wider"))
            #expect(Set(update.keys) == ["schemaArn", "status", "creationDateTime", "lastUpdatedDateTime"])

            let brand = try await test.filmFilter("brand", #"INCLUDE ItemID WHERE Items.BRAND IN ("acme")"#)
            #expect(try test.recommend(campaign, ["filterArn": brand]) == [])
            let item: JSON = ["itemId": "i4", "properties": #"{"brand":"acme","genres":"war"}"#]
            _ = try await test.service.putItems(["datasetArn": Self.itemsArn, "items": [item]])
            #expect(try test.recommend(campaign, ["filterArn": brand]) == ["i4"])
            try await test.export("all", "ITEMS", mode: "ALL")
            let lines = try test.exported("all").split(separator: "\n")
            #expect(lines.first == "BRAND,ITEM_ID,GENRES,PRICE")
            #expect(lines.dropFirst().first == ",i0,drama|war,0.5")
            #expect(lines.last == "acme,i4,war,")
            // An import must have the new column now.
            let old = try await test.importFiles("old", "ITEMS", "s3://bucket/Items/")
            #expect(try await test.failureReason("DatasetImportJob", old.arn)?.contains("[BRAND]") == true)
            #expect(try await test.importFiles("new", "ITEMS", "s3://bucket/out/all.csv").status == .active)
            #expect(try test.recommend(campaign, ["filterArn": brand]) == ["i4"])
        }
    }

    @Test func `a new column takes part in solutions that are made afterwards only`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            _ = try await test.train("old", recipe: "aws-similar-items")
            try await schema("wider", Self.fields + [Self.brand], in: test)
            try await test.call("UpdateDataset", input("wider"))
            _ = try await test.service.waitUntilSettled(arn("dataset/films/ITEMS"))
            let again = try await test.create("CreateSolutionVersion", ["solutionArn": .string(arn("solution/old"))])
            let new = try await test.train("new", recipe: "aws-similar-items")
            let columns = { (version: String) in
                Set((try await test.store.resource(version)?.body["itemFields"]?.object ?? [:]).keys)
            }
            #expect(try await columns(again.arn) == ["GENRES", "PRICE"])
            #expect(try await columns(new.arn) == ["GENRES", "PRICE", "BRAND"])
        }
    }

    @Test func `a schema that does not keep what there is is refused with every fault`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let price = #"{"name":"PRICE","type":"float"}"#
            let colour = #"{"name":"COLOUR","type":"string","categorical":true}"#
            try await schema("narrow", [Self.fields[0], price, colour], in: test)
            let error = await test.error("UpdateDataset", input("narrow"))
            #expect(error?.code == .invalidInput)
            for text in [#"field "GENRES" is missing"#, #"field "PRICE" has another type"#, #"field "COLOUR" is new"#] {
                #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
            }
            try await schema("people", [#"{"name":"USER_ID","type":"string"}"#, Self.brand], type: "Users", in: test)
            #expect(await test.code("UpdateDataset", input("people")) == .invalidInput)
            #expect(await test.code("UpdateDataset", input("none")) == .resourceNotFound)
            var other = input("seen")
            other["datasetArn"] = .string(arn("dataset/films/USERS"))
            #expect(await test.code("UpdateDataset", other) == .resourceNotFound)
            other["datasetArn"] = .string(arn("dataset/films/INTERACTIONS"))
            let interactions = await test.error("UpdateDataset", other)
            #expect(interactions?.message.contains("only the schema of an Items or Users dataset") == true)
            #expect(try await dataset(test)["latestDatasetUpdate"] == nil)
        }
    }

    @Test func `an import and a replacement exclude each other, and a restart goes on with it`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            try await schema("wider", Self.fields + [Self.brand], in: test)
        }
        let importing: JSON = [
            "jobName": "again", "datasetArn": Self.itemsArn, "dataSource": ["dataLocation": "s3://bucket/Items/"],
        ]
        try await test.call("UpdateDataset", input("wider"))
        #expect(await test.code("CreateDatasetImportJob", importing) == .resourceInUse)
        #expect(await test.code("UpdateDataset", input("wider")) == .resourceInUse)
        #expect(await test.code("DeleteDataset", ["datasetArn": Self.itemsArn]) == .resourceInUse)
        let again = try test.restarted()
        try await again.running {
            _ = try await again.service.waitUntilSettled(arn("dataset/films/ITEMS"))
            #expect(try await dataset(again)["schemaArn"]?.string == arn("schema/wider"))
        }
        try await again.call("CreateDatasetImportJob", importing)
        #expect(await again.code("UpdateDataset", input("wider")) == .resourceInUse)
    }
}
