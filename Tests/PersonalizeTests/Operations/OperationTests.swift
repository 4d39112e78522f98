import FoundationEssentials
import JSON
import Personalize
import TestSupport
import Testing

@Suite struct OperationTests {
    private func withGroup(_ body: @Sendable (ServiceUnderTest) async throws -> Void) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.create("CreateDatasetGroup", ["name": "films"])
            try await test.call("CreateSchema", ["name": "events", "schema": .string(interactionsSchema)])
            try await test.call("CreateSchema", ["name": "things", "schema": .string(itemsSchema)])
            try await body(test)
        }
    }

    private static let dataset: JSON = [
        "name": "seen", "schemaArn": .string(arn("schema/events")), "datasetType": "Interactions",
        "datasetGroupArn": .string(arn("dataset-group/films")),
    ]

    private static func solution(_ name: String = "hot") -> JSON {
        [
            "name": .string(name), "datasetGroupArn": .string(arn("dataset-group/films")),
            "recipeArn": "arn:aws:personalize:::recipe/aws-popularity-count",
        ]
    }

    @Test func `a dataset group becomes ACTIVE and is described`() async throws {
        let test = try ServiceUnderTest()
        let answer = try await test.call("CreateDatasetGroup", ["name": "films", "domain": "ECOMMERCE"])
        #expect(answer == ["datasetGroupArn": .string(arn("dataset-group/films")), "domain": "ECOMMERCE"])
        let pending = try await test.call("DescribeDatasetGroup", answer)
        #expect(pending["datasetGroup"]?["status"] == "CREATE PENDING")
        try await test.running {
            #expect(try await test.service.waitUntilSettled(arn("dataset-group/films")) == .active)
            let described = try await test.call("DescribeDatasetGroup", answer)["datasetGroup"]
            let now = test.clock.date.timeIntervalSince1970
            #expect(
                described == [
                    "name": "films", "datasetGroupArn": .string(arn("dataset-group/films")), "status": "ACTIVE",
                    "creationDateTime": .double(now), "lastUpdatedDateTime": .double(now), "domain": "ECOMMERCE",
                ]
            )
        }
    }

    @Test func `ARNs have the forms of the service`() async throws {
        try await withGroup { test in
            let dataset = try await test.create("CreateDataset", Self.dataset)
            #expect(dataset.arn == arn("dataset/films/INTERACTIONS"))
            #expect(dataset.status == .active)
            let solution = try await test.create("CreateSolution", Self.solution())
            #expect(solution.arn == arn("solution/hot"))
            let version = try await test.call("CreateSolutionVersion", ["solutionArn": .string(solution.arn)])
            let id = try #require(version["solutionVersionArn"]?.string).split(separator: "/").last
            #expect(try #require(id).wholeMatch(of: /[0-9a-f]{8}/) != nil)
        }
    }

    @Test func `every parent must exist`() async throws {
        let test = try ServiceUnderTest()
        let missing = JSON.string(arn("dataset-group/none"))
        let source: JSON = ["dataLocation": "s3://bucket/x/"]
        let calls: [(String, JSON)] = [
            ("CreateSolution", ["name": "a", "datasetGroupArn": missing, "performAutoML": true]),
            ("CreateEventTracker", ["name": "a", "datasetGroupArn": missing]),
            ("CreateFilter", ["name": "a", "datasetGroupArn": missing, "filterExpression": "x"]),
            (
                "CreateDataset",
                ["name": "a", "datasetGroupArn": missing, "schemaArn": missing, "datasetType": "Items"]
            ),
            ("CreateDatasetImportJob", ["jobName": "a", "datasetArn": missing, "dataSource": source]),
            ("CreateSolutionVersion", ["solutionArn": missing]),
            ("CreateCampaign", ["name": "a", "solutionVersionArn": missing]),
            ("UpdateCampaign", ["campaignArn": missing]),
            ("GetSolutionMetrics", ["solutionVersionArn": missing]),
            ("StopSolutionVersionCreation", ["solutionVersionArn": missing]),
            ("ListSolutionVersions", ["solutionArn": missing]),
            ("DescribeRecipe", ["recipeArn": missing]),
            ("ListTagsForResource", ["resourceArn": missing]),
        ]
        for (operation, input) in calls {
            #expect(await test.code(operation, input) == .resourceNotFound, "\(operation)")
        }
    }

    @Test(arguments: [
        "DatasetGroup", "Schema", "Dataset", "DatasetImportJob", "Solution", "SolutionVersion", "Campaign",
        "EventTracker", "Filter",
    ])
    func `what does not exist is neither described nor deleted`(_ title: String) async throws {
        let test = try ServiceUnderTest()
        let member = title.prefix(1).lowercased() + title.dropFirst() + "Arn"
        let input: JSON = .object([member: .string(arn("x/none"))])
        #expect(await test.code("Describe\(title)", input) == .resourceNotFound)
        let hasDelete = title != "DatasetImportJob" && title != "SolutionVersion"
        #expect(await test.code("Delete\(title)", input) == (hasDelete ? .resourceNotFound : .unknownOperation))
    }

    @Test func `a name is taken only once, and a group has one dataset a type and one tracker`() async throws {
        try await withGroup { test in
            #expect(await test.code("CreateDatasetGroup", ["name": "films"]) == .resourceAlreadyExists)
            let schema: JSON = ["name": "events", "schema": .string(interactionsSchema)]
            #expect(await test.code("CreateSchema", schema) == .resourceAlreadyExists)
            try await test.create("CreateDataset", Self.dataset)
            var other = Self.dataset
            other["name"] = "again"
            #expect(await test.code("CreateDataset", other) == .resourceAlreadyExists)
            let group = JSON.string(arn("dataset-group/films"))
            let tracker = try await test.call("CreateEventTracker", ["name": "live", "datasetGroupArn": group])
            #expect(tracker["trackingId"]?.string?.count == 36)
            let second: JSON = ["name": "live2", "datasetGroupArn": group]
            #expect(await test.code("CreateEventTracker", second) == .resourceAlreadyExists)
        }
    }

    @Test func `a schema must be one, and for the dataset's type`() async throws {
        try await withGroup { test in
            #expect(await test.code("CreateSchema", ["name": "bad", "schema": "{}"]) == .invalidInput)
            var wrong = Self.dataset
            wrong["schemaArn"] = .string(arn("schema/things"))
            #expect(await test.code("CreateDataset", wrong) == .invalidInput)
            var unknown = Self.dataset
            unknown["datasetType"] = "Films"
            #expect(await test.code("CreateDataset", unknown) == .invalidInput)
        }
    }

    @Test func `a parent that is not ACTIVE yet is in use`() async throws {
        let test = try ServiceUnderTest()
        try await test.call("CreateDatasetGroup", ["name": "films"])
        #expect(await test.code("CreateSolution", Self.solution()) == .resourceInUse)
    }

    @Test func `deleting goes from the leaves to the root`() async throws {
        try await withGroup { test in
            try await test.create("CreateDataset", Self.dataset)
            try await test.create("CreateSolution", Self.solution())
            let group: JSON = ["datasetGroupArn": .string(arn("dataset-group/films"))]
            let schema: JSON = ["schemaArn": .string(arn("schema/events"))]
            #expect(await test.code("DeleteDatasetGroup", group) == .resourceInUse)
            #expect(await test.code("DeleteSchema", schema) == .resourceInUse)
            for (operation, member, path) in [
                ("DeleteSolution", "solutionArn", "solution/hot"),
                ("DeleteDataset", "datasetArn", "dataset/films/INTERACTIONS"),
                ("DeleteDatasetGroup", "datasetGroupArn", "dataset-group/films"),
                ("DeleteSchema", "schemaArn", "schema/events"),
            ] {
                #expect(try await test.call(operation, .object([member: .string(arn(path))])) == [:])
                #expect(try await test.service.waitUntilSettled(arn(path)) == nil)
            }
            #expect(try await test.call("ListDatasets", [:])["datasets"] == [])
        }
    }

    @Test func `lists come in pages of summaries`() async throws {
        try await withGroup { test in
            for number in 1...7 { try await test.create("CreateSolution", Self.solution("s\(number)")) }
            var names: [String] = []
            var input: JSON = ["maxResults": 3, "datasetGroupArn": .string(arn("dataset-group/films"))]
            var sizes: [Int] = []
            repeat {
                let page = try await test.call("ListSolutions", input)
                let solutions = page["solutions"]?.array ?? []
                sizes.append(solutions.count)
                names += solutions.compactMap { $0["name"]?.string }
                input["nextToken"] = page["nextToken"]
            } while input["nextToken"] != nil
            #expect(names == (1...7).map { "s\($0)" })
            #expect(sizes == [3, 3, 1])
            let summary = try await test.call("ListSolutions", ["maxResults": 1])["solutions"]?[0]
            #expect(
                summary?.object?.keys.sorted() == [
                    "creationDateTime", "lastUpdatedDateTime", "name", "recipeArn", "solutionArn", "status",
                ]
            )
            let other = JSON.string(arn("dataset-group/other"))
            #expect(try await test.call("ListSolutions", ["datasetGroupArn": other])["solutions"] == [])
        }
    }

    @Test(arguments: ["x", "solutions.", "solutions.-3", "campaigns.3"])
    func `a token of another list is refused`(_ token: String) async throws {
        let test = try ServiceUnderTest()
        #expect(await test.code("ListSolutions", ["nextToken": .string(token)]) == .invalidNextToken)
    }

    @Test func `filters are listed under a capital letter`() async throws {
        try await withGroup { test in
            let group = JSON.string(arn("dataset-group/films"))
            let expression: JSON = "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"watch\")"
            let filter: JSON = ["name": "f", "datasetGroupArn": group, "filterExpression": expression]
            #expect(try await test.create("CreateFilter", filter).status == .active)
            #expect(try await test.call("ListFilters", [:])["Filters"]?[0]?["name"] == "f")
            let described = try await test.call("DescribeFilter", ["filterArn": .string(arn("filter/f"))])
            #expect(described["filter"]?["filterExpression"] == expression)
        }
    }

    @Test(arguments: [
        "SELECT x", "INCLUDE ItemID WHERE GENRES IN (\"a\")", "INCLUDE ItemID WHERE Items.GENRES NOT IN ($a)",
        "INCLUDE Film WHERE Items.GENRES IN (\"a\")",
    ])
    func `a filter must have the form of one`(_ expression: String) async throws {
        try await withGroup { test in
            let input: JSON = [
                "name": "f", "datasetGroupArn": .string(arn("dataset-group/films")),
                "filterExpression": .string(expression),
            ]
            #expect(await test.code("CreateFilter", input) == .invalidInput)
        }
    }

    @Test func `recipes are listed and described`() async throws {
        let test = try ServiceUnderTest()
        let recipes = try await test.call("ListRecipes", ["recipeProvider": "SERVICE"])["recipes"]?.array ?? []
        #expect(recipes.contains { $0["recipeArn"] == "arn:aws:personalize:::recipe/aws-sims" })
        let first = try await test.call("ListRecipes", ["maxResults": 2])
        #expect(first["recipes"]?.array?.count == 2)
        let token = try #require(first["nextToken"])
        #expect(try await test.call("ListRecipes", ["nextToken": token])["recipes"]?.array?.count == recipes.count - 2)
        let arn: JSON = ["recipeArn": "arn:aws:personalize:::recipe/aws-sims"]
        #expect(try await test.call("DescribeRecipe", arn)["recipe"]?["recipeType"] == "RELATED_ITEMS")
    }

    @Test func `a solution's recipe and its hyperparameters are checked`() async throws {
        try await withGroup { test in
            var input = Self.solution()
            input["solutionConfig"] = ["algorithmHyperParameters": ["hidden_dimension": "64"]]
            #expect(await test.code("CreateSolution", input) == .invalidInput)
            input["recipeArn"] = "arn:aws:personalize:::recipe/aws-user-personalization"
            input["solutionConfig"] = ["algorithmHyperParameters": ["hidden_dimension": "many"]]
            #expect(await test.code("CreateSolution", input) == .invalidInput)
            input["recipeArn"] = "arn:aws:personalize:::recipe/aws-magic"
            #expect(await test.code("CreateSolution", input) == .resourceNotFound)
            input["recipeArn"] = "arn:aws:personalize:::recipe/aws-sims"
            input["performAutoML"] = true
            #expect(await test.code("CreateSolution", input) == .invalidInput)
        }
    }

    @Test func `a version keeps the configuration its solution had`() async throws {
        try await withGroup { test in
            var input = Self.solution()
            input["eventType"] = "watch"
            try await test.create("CreateSolution", input)
            let version = try await test.call("CreateSolutionVersion", ["solutionArn": .string(arn("solution/hot"))])
            let described = try await test.call("DescribeSolutionVersion", version)["solutionVersion"]
            #expect(described?["recipeArn"] == input["recipeArn"])
            #expect(described?["eventType"] == "watch")
            #expect(described?["trainingMode"] == "FULL")
            #expect(described?["datasetGroupArn"] == input["datasetGroupArn"])
        }
    }

    @Test func `tags are kept, changed and limited`() async throws {
        let test = try ServiceUnderTest()
        let resource: JSON = ["resourceArn": .string(arn("dataset-group/films"))]
        let tag: JSON = ["tagKey": "team", "tagValue": "a"]
        try await test.call("CreateDatasetGroup", ["name": "films", "tags": [tag]])
        #expect(try await test.call("ListTagsForResource", resource)["tags"] == [tag])
        var more = resource
        more["tags"] = [["tagKey": "team", "tagValue": "b"], ["tagKey": "cost", "tagValue": "1"]]
        try await test.call("TagResource", more)
        #expect(try await test.call("ListTagsForResource", resource)["tags"] == more["tags"])
        var fewer = resource
        fewer["tagKeys"] = ["team"]
        try await test.call("UntagResource", fewer)
        #expect(try await test.call("ListTagsForResource", resource)["tags"]?.array?.count == 1)
        more["tags"] = .array((1...51).map { ["tagKey": "k\($0)", "tagValue": ""] })
        #expect(await test.code("TagResource", more) == .tooManyTags)
    }

    @Test func `limits are kept`() async throws {
        let test = try ServiceUnderTest { $0.maximumResourcesPerKind = 1 }
        try await test.call("CreateDatasetGroup", ["name": "a"])
        #expect(await test.code("CreateDatasetGroup", ["name": "b"]) == .limitExceeded)
    }

    @Test func `an unknown operation is refused`() async throws {
        let test = try ServiceUnderTest()
        #expect(await test.code("DeleteSolutionVersion", [:]) == .unknownOperation)
        #expect(await test.code("Nonsense", [:]) == .unknownOperation)
    }
}
