import JSON
import Personalize
import TestSupport
import Testing

/// What can be measured, and who may say so.
@Suite struct MetricAttributionTests {
    @Test func `an attribution is made, described, listed, changed and deleted`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let made = try await test.measure(watches, revenue)
            #expect(made.status == .active)
            #expect(made.arn == ServiceUnderTest.attribution)
            let named: JSON = ["metricAttributionArn": .string(made.arn)]
            let described = try await test.call("DescribeMetricAttribution", named)["metricAttribution"]
            let members = Set(described?.object?.map(\.key) ?? [])
            let wanted: Set = [
                "name", "metricAttributionArn", "datasetGroupArn", "metricsOutputConfig", "status", "creationDateTime",
                "lastUpdatedDateTime",
            ]
            #expect(members == wanted)
            let listed = try await test.call("ListMetricAttributionMetrics", named)
            #expect(listed == ["metrics": [watches, revenue]])
            var change = named
            change["removeMetrics"] = ["watches"]
            change["addMetrics"] = [metric("watches", "watch", "SUM(Interactions.EVENT_VALUE)")]
            #expect(try await test.call("UpdateMetricAttribution", change) == named)
            var page = named
            page["maxResults"] = 1
            let first = try await test.call("ListMetricAttributionMetrics", page)
            #expect(first["metrics"] == [revenue])
            page["nextToken"] = first["nextToken"]
            let second = try await test.call("ListMetricAttributionMetrics", page)
            #expect(second == ["metrics": change["addMetrics"] ?? .null])
            try await test.call("DeleteMetricAttribution", named)
            #expect(try await test.service.waitUntilSettled(made.arn) == nil)
        }
    }

    @Test func `all that is wrong with metrics is told at once`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let group = JSON.string(arn("dataset-group/films"))
            let metrics: JSON = [
                metric("a", "watch", "COUNT()"), metric("a", "watch", "SUM(Users.AGE)"),
                metric("b", "", "SUM(Items.GENRES)"), metric("c\n", "watch", "SUM(Interactions.NONE)"),
            ]
            let input: JSON = [
                "name": "impact", "datasetGroupArn": group, "metrics": metrics,
                "metricsOutputConfig": ["roleArn": role],
            ]
            let error = await test.error("CreateMetricAttribution", input)
            #expect(error?.code == .invalidInput)
            let faults = [
                #"metrics[0].expression "COUNT()" must be SAMPLECOUNT() or SUM(DatasetType.COLUMN_NAME)"#,
                #"metrics[1].expression "SUM(Users.AGE)" must be SAMPLECOUNT() or SUM(DatasetType.COLUMN_NAME)"#,
                #"metrics[1].metricName "a" is given twice"#,
                "metrics[2].eventType must not be empty",
                #"metrics[2].expression "SUM(Items.GENRES)" must name a numeric column of Items; there is PRICE"#,
                "metrics[3].metricName must not hold control characters",
                #"metrics[3].expression "SUM(Interactions.NONE)" must name a numeric column of Interactions; "#
                    + "there is TIMESTAMP, EVENT_VALUE",
            ]
            #expect(error?.message == faults.joined(separator: "; "))
        }
    }

    @Test func `there is one a group, of at most ten metrics`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            try await test.measure(watches)
            let group = JSON.string(arn("dataset-group/films"))
            var input: JSON = [
                "name": "second", "datasetGroupArn": group, "metrics": [], "metricsOutputConfig": ["roleArn": role],
            ]
            #expect(await test.code("CreateMetricAttribution", input) == .limitExceeded)
            input["name"] = "impact"
            #expect(await test.code("CreateMetricAttribution", input) == .resourceAlreadyExists)
            let named: JSON = ["metricAttributionArn": .string(ServiceUnderTest.attribution)]
            func update(_ members: JSONObject) async -> PersonalizeError? {
                var input = named
                for (name, value) in members { input[name] = value }
                return await test.error("UpdateMetricAttribution", input)
            }
            let ten = JSON.array((0..<10).map { metric("m\($0)", "watch", "SAMPLECOUNT()") })
            #expect(await update(["addMetrics": ten])?.message.contains("would have 11 metrics") == true)
            #expect(await update(["addMetrics": [watches]])?.code == .resourceAlreadyExists)
            #expect(await update(["removeMetrics": ["none"]])?.code == .invalidInput)
            let nowhere: JSON = ["roleArn": role, "s3DataDestination": ["path": "s3://none/reports"]]
            #expect(await update(["metricsOutputConfig": nowhere])?.message.hasPrefix("Invalid S3 output path") == true)
            #expect(await update(["removeMetrics": ["watches"], "addMetrics": ten]) == nil)
            #expect(await test.code("UpdateMetricAttribution", [:]) == .invalidInput)
            #expect(await test.code("ListMetricAttributionMetrics", [:]) == .invalidInput)
            #expect(await test.code("DeleteDatasetGroup", ["datasetGroupArn": group]) == .resourceInUse)
        }
    }

    @Test func `an attribution needs events with types, and items with data where it sums them`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.create("CreateDatasetGroup", ["name": "films"])
            await #expect(throws: PersonalizeError.self) { try await test.measure(watches) }
            let group = JSON.string(arn("dataset-group/films"))
            for (name, type, schema) in [
                ("seen", "Interactions", interactionsSchema), ("things", "Items", itemsSchema),
            ] {
                try await test.call("CreateSchema", ["name": .string(name), "schema": .string(schema)])
                let dataset: JSON = [
                    "name": .string(name), "schemaArn": .string(arn("schema/\(name)")), "datasetGroupArn": group,
                    "datasetType": .string(type),
                ]
                try await test.create("CreateDataset", dataset)
            }
            await #expect(throws: PersonalizeError.self) { try await test.measure(revenue) }
            #expect(try await test.measure(watches).status == .active)
        }
    }
}
