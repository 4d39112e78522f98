import JSON
import Testing

@testable import Pipeline

@Suite struct MaintenanceFaultTests {
    /// A change to a file, and the faults it then has.
    struct Case: Sendable, CustomTestStringConvertible {
        let file: JSON
        let faults: [String]

        init(_ file: JSON, _ faults: String...) {
            self.file = file
            self.faults = faults
        }

        var testDescription: String { faults.first ?? "none" }
    }

    private static let good = Samples.maintained

    /// The file with a changed solution.
    private static func solution(_ change: (JSON) -> JSON) -> JSON {
        good.with("solutions", [change(good["solutions"]?[0] ?? [:])])
    }

    private func faults(_ file: JSON) -> [String] {
        do throws(ConfigurationError) {
            _ = try ParamsFile.read(file, key: "train/shop/config.json")
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    @Test func `text that is no JSON is refused with line and column`() {
        let error = #expect(throws: ConfigurationError.self) {
            try ParamsFile.read(Array("{\"datasetGroup\" 1}".utf8), key: "train/config.json")
        }
        #expect(error?.description.hasPrefix("Could not validate JSON: line 1, column 17: ") == true)
    }

    @Test(arguments: [
        Case(
            [:],
            "Configuration should not be empty",
            "A datasetGroup must be provided at path datasetGroup",
            "You must at minimum create an interactions dataset and declare its schema (at datasets)"
        ),
        Case(
            good.with("datasetGroup", nil).with("datasets", nil).with("tags", []),
            "A datasetGroup must be provided at path datasetGroup",
            "You must at minimum create an interactions dataset and declare its schema (at datasets)"
        ),
        Case(
            good.with("datasets.interactions", nil).with("datasets.users", Samples.maintained(Samples.users, as: "u")),
            "You must at minimum create an interactions dataset and declare its schema (at datasets.interactions)"
        ),
        Case(
            good.with("datasets.users", ["dataset": Samples.service(["name": "u"])]),
            "The users schema is missing (at datasets.users.schema)"
        ),
        Case(
            good.with("datasets.interactions.schema.serviceConfig.name", nil),
            "The interactions schema name is missing (at datasets.interactions.schema.serviceConfig)"
        ),
        Case(
            good.with("datasets.interactions.schema.serviceConfig.schema", nil),
            "The interactions schema is missing (at datasets.interactions.schema.serviceConfig.schema)"
        ),
        Case(
            good.with("datasets.interactions.dataset.serviceConfig.name", nil),
            "Parameter validation failed: Missing required parameter in input: \"name\" "
                + "(at datasets.interactions.dataset.serviceConfig)"
        ),
    ])
    func `what is missing is named`(_ example: Case) {
        #expect(faults(example.file) == example.faults)
    }

    @Test(arguments: [
        Case(
            good.with("datasetGroop", [:]),
            "key datasetGroop is not an allowed key, did you mean \"datasetGroup\"?"
        ),
        Case(
            good.with("filter", []),
            "key filter is not an allowed key, did you mean \"filters\"?"
        ),
        Case(
            good.with("datasetGroup.workflowConfig", ["schedules": ["imports": "cron(0 * * * ? *)"]]),
            "key datasetGroup.workflowConfig.schedules.imports is not an allowed key, did you mean \"import\"?"
        ),
        Case(
            solution { $0.with("workflowConfig", ["maxAge": "1 day"]) },
            "key solutions[0].workflowConfig.maxAge is not an allowed key, the keys known here are \"schedules\""
        ),
        Case(
            solution { $0.with("serviceConfig.recipeArnn", "x") },
            "Parameter validation failed: Unknown parameter in input: \"recipeArnn\", must be one of: name, "
                + "performHPO, performAutoML, performAutoTraining, performIncrementalUpdate, recipeArn, eventType, "
                + "solutionConfig, tags, did you mean \"recipeArn\"? (at solutions[0].serviceConfig)"
        ),
        Case(
            solution { $0.with("serviceConfig.solutionVersion", ["trainingMod": "FULL"]) },
            "Allowed keys for solutionVersion are: ['name', 'tags', 'trainingMode']. Unsupported key(s): "
                + "['trainingMod'], did you mean \"trainingMode\"? (at solutions[0].serviceConfig.solutionVersion)"
        ),
    ])
    func `a key that is not known is named, with the one probably meant`(_ example: Case) {
        #expect(faults(example.file) == example.faults)
    }

    @Test(arguments: [
        Case(good.with("datasets", []), "datasets must be an object, but is a list"),
        Case(good.with("solutions", [:]), "solutions must be a list, but is an object"),
        Case(good.with("filters", [7]), "filters[0] must be an object, but is number 7"),
        Case(
            good.with("datasetGroup.workflowConfig", ["maxAge": 7]),
            "unexpected type at path datasetGroup.workflowConfig.maxAge, expected string"
        ),
        Case(
            good.with("datasetGroup.workflowConfig", ["maxAge": "soon"]),
            "datasetGroup.workflowConfig.maxAge \"soon\" is not a length of time, write one such as \"1 day\""
        ),
        Case(good.with("tags", "team"), "Invalid type at path root for tags, expected list[dict]."),
        Case(
            good.with("tags", [["key": "team"]]),
            "Parameter validation failed: Tag keys must be one of: 'tagKey', 'tagValue' (at tags)"
        ),
        Case(
            solution { $0.with("serviceConfig.name", 7) },
            "Parameter validation failed: Invalid type for parameter name, value: 7, type: <class 'int'>, "
                + "valid types: <class 'str'> (at solutions[0].serviceConfig.name)"
        ),
        Case(
            solution { $0.with("campaigns", [Samples.service(["name": "home", "minProvisionedTPS": 0])]) },
            "Parameter validation failed: Invalid value for parameter minProvisionedTPS, value: 0, valid min value: 1 "
                + "(at solutions[0].campaigns[0].serviceConfig.minProvisionedTPS)"
        ),
        Case(
            solution { $0.with("campaigns", [Samples.service(["name": "home"])]) },
            "Parameter validation failed: Missing required parameter in input: \"minProvisionedTPS\" "
                + "(at solutions[0].campaigns[0].serviceConfig)"
        ),
        Case(
            good.with("datasets.serviceConfig", ["importMode": "PARTIAL"]),
            "datasets.serviceConfig.importMode \"PARTIAL\" must satisfy enum value set: [FULL, INCREMENTAL]"
        ),
        Case(
            solution { $0.with("serviceConfig.recipeArn", Samples.recipe("aws-popularity-coun")) },
            "solutions[0].serviceConfig.recipeArn \"arn:aws:personalize:::recipe/aws-popularity-coun\" is not a known "
                + "recipe, did you mean \"arn:aws:personalize:::recipe/aws-popularity-count\"?"
        ),
    ])
    func `a value of the wrong kind is refused with its place`(_ example: Case) {
        #expect(faults(example.file) == example.faults)
    }

    @Test func `a schema that is not valid is told with all its faults`() {
        let file = Self.good.with(
            "datasets.interactions.schema.serviceConfig.schema.fields",
            [["name": "USER_ID", "type": "strng"]]
        )
        let faults = faults(file)
        #expect(faults.count > 1)
        #expect(faults.allSatisfy { $0.hasPrefix("The interactions schema is not valid: ") })
    }

    @Test(arguments: [
        ("cron(0 3 * * ?)", "invalid cron ScheduleExpression cron(0 3 * * ?). Should have 6 fields"),
        ("cron(0 3 1 * MON *)", "Do not specify day-of-month and day-of week in the same cron expression"),
        ("cron(0 3 * * ? 1900)", "invalid cron ScheduleExpression year: "),
        ("every day", "invalid ScheduleExpression \"every day\""),
    ])
    func `an expression that says no time is refused, of batch segment jobs too`(_ text: String, _ message: String) {
        let group = faults(Self.good.with("datasetGroup.workflowConfig", ["schedules": ["import": .string(text)]]))
        let job = Samples.service([:], ["workflowConfig": ["schedule": .string(text)]])
        let segment = faults(Self.solution { $0.with("batchSegmentJobs", [job]) })
        #expect(group.count == 1 && segment.count == 1)
        #expect(group.first?.contains(message) == true)
        #expect(segment.first?.contains(message) == true)
        #expect(segment.first?.hasSuffix("(at solutions[0].batchSegmentJobs[0].workflowConfig.schedule)") == true)
    }

    @Test func `an update is for recipes that can learn on`() {
        let file = Self.solution {
            $0.with("workflowConfig", ["schedules": ["update": "cron(0 4 * * ? *)"]])
        }
        #expect(
            faults(file) == [
                "solution popular does not support solution version incremental updates - please use `full` instead of "
                    + "`update`. (at solutions[0].workflowConfig.schedules.update)"
            ]
        )
    }

    @Test func `a name that two resources have is told once, with its place`() throws {
        let solution = try #require(Self.good["solutions"]?[0])
        let other = solution.with("serviceConfig.name", "other")
        #expect(
            faults(Self.good.with("solutions", [solution, other])) == [
                "duplicate campaign names found: {'popular'}. Do not use the same campaign names across solutions "
                    + "(at solutions[1].campaigns[0])"
            ]
        )
    }

    @Test func `a solution's name leaves room for the names of its batch jobs`() {
        let name = String(repeating: "s", count: 38)
        let file = Self.solution {
            $0.with("serviceConfig.name", .string(name)).with("batchInferenceJobs", [Samples.service([:])])
        }
        #expect(
            faults(file) == [
                "The generated batch inference job name batch_\(name)_YYYY_mm_dd_HH_MM_SS is longer than 63 "
                    + "characters. Use a shorter solution name. (at solutions[0].batchInferenceJobs)"
            ]
        )
        let shorter = Self.solution {
            $0.with("serviceConfig.name", .string(String(name.dropLast())))
                .with("batchInferenceJobs", [Samples.service([:])])
        }
        #expect(faults(shorter) == [])
    }

    @Test func `all faults are told together`() {
        let file = Self.good.with("filter", []).with("datasetGroup", nil).with("solutions", 7)
        #expect(faults(file).count == 3)
    }
}
