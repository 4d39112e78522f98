import JSON
import Testing

@testable import Pipeline

@Suite struct ParamsFileFaultTests {
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

    @Test(arguments: [
        ("{\n  \"datasetGroup\": {\n    \"name\": shop\n", "line 3, column 13: unexpected \"s\", expected a value"),
        ("", "line 1, column 1: unexpected end of text, expected a value"),
        ("{\"a\": 1,}", "line 1, column 9: unexpected \"}\", expected a key in double quotes"),
    ])
    func `text that is no JSON is refused with line and column`(_ text: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) { try ParamsFile.read(Array(text.utf8)) }
        #expect(error?.description == "params.json is not valid JSON: \(message)")
    }

    @Test(arguments: [
        Case([], "params.json must hold a JSON object, but it holds array"),
        Case(
            Samples.older.with("datasetGroup", nil),
            "datasetGroup is missing; it is required and must be an object"
        ),
        Case(Samples.older.with("datasets", nil), "datasets is missing; it is required and must be an object"),
        Case(Samples.older.with("solution", nil), "solution is missing; it is required and must be an object"),
        Case(Samples.older.with("campaign", nil), "campaign is missing; it is required and must be an object"),
        Case(Samples.newer.with("solutions", nil), "solutions is missing; it is required and must be an object"),
        Case(Samples.newer.with("campaigns", nil), "campaigns is missing; it is required and must be an object"),
        Case(
            Samples.older.with("datasets.Interactions", nil),
            "datasets.Interactions is missing; a recommender is trained on interactions"
        ),
        Case(
            Samples.older.with("datasets.Users.schema", nil),
            "datasets.Users.schema is missing; it is required and must be an object"
        ),
        Case(
            Samples.older.with("datasets.Users.name", nil),
            "datasets.Users.name is missing; it is required and must be a string"
        ),
        Case(Samples.older.with("solution.name", nil), "solution.name is missing; it is required"),
        Case(
            Samples.newer.with("solutions", [:]).with("campaigns", [:]),
            "solutions must have at least one solution"
        ),
    ])
    func `a missing section is named`(_ example: Case) {
        #expect(PipelineConfiguration.faults(example.file) == example.faults)
    }

    @Test(arguments: [
        Case(
            Samples.newer.with("campaigns", nil).with("campaings", Samples.newer["campaigns"]),
            "campaings is not a known key, did you mean \"campaigns\"?",
            "campaigns is missing; it is required and must be an object"
        ),
        Case(
            Samples.newer.with("campaigns", nil).with("campaings", Samples.newer["campaigns"])
                .with("solutions", nil).with("solutons", Samples.newer["solutions"]),
            "campaings is not a known key, did you mean \"campaigns\"?",
            "solutons is not a known key, did you mean \"solutions\"?",
            "solutions is missing; it is required and must be an object",
            "campaigns is missing; it is required and must be an object"
        ),
        Case(
            Samples.older.with("datasets.Userz", Samples.users).with("datasets.Users", nil),
            "datasets.Userz is not a known key, did you mean \"Users\"?"
        ),
        Case(
            Samples.newer.with("solutions.sims.recipeARM", "x"),
            "solutions.sims.recipeARM is not a known key, did you mean \"recipeArn\"?"
        ),
        Case(
            Samples.older.with("solution.datasetGroupArn", "arn:aws:x"),
            """
            solution.datasetGroupArn is not a known key, the keys known here are "name", "performHPO", \
            "performAutoML", "performAutoTraining", "performIncrementalUpdate", "recipeArn", "eventType", \
            "solutionConfig", "tags"
            """
        ),
        Case(
            Samples.small.with("notifications", [["webhok": "https://example.org"]]),
            "notifications[0].webhok is not a known key, did you mean \"webhook\"?",
            "notifications[0] must have either \"webhook\" or \"mail\""
        ),
        Case(
            Samples.small.with("schedules", ["imports": "rate(1 hour)"]),
            "schedules.imports is not a known key, did you mean \"import\"?"
        ),
        Case(
            Samples.newer.with("eventTracker.nam", "x"),
            "eventTracker.nam is not a known key, did you mean \"name\"?"
        ),
    ])
    func `an unknown key is refused with a suggestion`(_ example: Case) {
        #expect(PipelineConfiguration.faults(example.file) == example.faults)
    }

    @Test(arguments: [
        Case(
            Samples.newer.with("solutions.sims.recipeArn", Samples.recipe("aws-simms")),
            """
            solutions.sims.recipeArn "arn:aws:personalize:::recipe/aws-simms" is not a known recipe, \
            did you mean "arn:aws:personalize:::recipe/aws-sims"?
            """
        ),
        Case(
            Samples.newer.with("solutions.sims.performAutoML", true),
            "solutions.sims.performAutoML must not be true beside recipeArn; give one of them"
        ),
        Case(
            Samples.older.with("datasetGroup.name", "my group"),
            """
            datasetGroup.name "my group" must satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\\-_]*
            """
        ),
        Case(
            Samples.older.with("datasets.Users.name", "-users"),
            """
            datasets.Users.name "-users" must satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\\-_]*
            """
        ),
        Case(
            Samples.older.with("solution.name", .string(String(repeating: "s", count: 64))),
            """
            solution.name "\(String(repeating: "s", count: 64))" must have length less than or equal to 63
            """
        ),
        Case(Samples.older.with("solution.name", 7), "solution.name \"7\" must be a string"),
        Case(Samples.older.with("solution", "x"), "solution must be an object, but is the string \"x\""),
        Case(Samples.older.with("datasets", []), "datasets must be an object, but is a list"),
        Case(
            Samples.older.with("campaign.minProvisionedTPS", "one"),
            "campaign.minProvisionedTPS \"one\" must be an integer"
        ),
        Case(
            Samples.older.with("campaign.minProvisionedTPS", 0),
            "campaign.minProvisionedTPS \"0\" must have value greater than or equal to 1"
        ),
        Case(
            Samples.older.with("campaign.campaignConfig", ["syncWithLatestSolutionVersion": true]),
            """
            campaign.campaignConfig.syncWithLatestSolutionVersion must not be true: \
            the pipeline itself moves the campaign to each new version; leave it out
            """
        ),
        Case(
            Samples.newer.with("filters", "all"),
            "filters must be a list of objects with \"name\" and \"filterExpression\""
        ),
        Case(
            Samples.newer.with("campaigns.sims", ["name": "x"]),
            "campaigns.sims belongs to no solution, a campaign's key is its solution's key followed by \"Campaign\""
        ),
        Case(
            Samples.newer.with("campaigns.simCampaign", ["name": "x"]).with("campaigns.simsCampaign", nil),
            "campaigns.simCampaign belongs to no solution, did you mean \"simsCampaign\"?"
        ),
    ])
    func `a value that cannot be is refused with its place`(_ example: Case) {
        #expect(PipelineConfiguration.faults(example.file) == example.faults)
    }

    @Test(arguments: [
        Case(
            Samples.newer.with("solutions.sims.name", "up"),
            "solutions.sims.name \"up\" is also the name of solutions.userPersonalization"
        ),
        Case(
            Samples.newer.with("campaigns.simsCampaign.name", "up"),
            "campaigns.simsCampaign.name \"up\" is also the name of campaigns.userPersonalizationCampaign"
        ),
        Case(
            Samples.newer.with(
                "filters",
                .array(Array(repeating: Samples.newer["filters"]?[0] ?? nil, count: 2))
            ),
            "filters[1].name \"unseen\" is also the name of filters[0]"
        ),
    ])
    func `a name may be given once`(_ example: Case) {
        #expect(PipelineConfiguration.faults(example.file) == example.faults)
    }

    @Test(arguments: [
        (
            "schedules.full", "cron(0 4 * *)",
            """
            invalid cron ScheduleExpression cron(0 4 * *). Should have 6 fields \
            (minutes hours day-of-month month day-of-week year), has 4
            """
        ),
        (
            "schedules.full", "cron(0 25 * * ? *)",
            "invalid cron ScheduleExpression hours: \"25\" is outside 0-23"
        ),
        (
            "schedules.import", "rate(0 hours)",
            "invalid rate ScheduleExpression value: \"0\" is not a whole number of at least 1"
        ),
        (
            "schedules.import", "daily",
            "invalid ScheduleExpression \"daily\", write cron(…), rate(…) or at(…)"
        ),
        (
            "schedules.timezone", "Europe/Berlim",
            "timezone \"Europe/Berlim\" is not a known IANA time zone, did you mean \"Europe/Berlin\"?"
        ),
        (
            "schedules.timezone", "CET+1",
            "timezone \"CET+1\" is not a known IANA time zone, write one such as \"Europe/Berlin\" or \"UTC\""
        ),
    ])
    func `a schedule that cannot be is refused with its place`(_ path: String, _ text: String, _ fact: String) {
        let faults = PipelineConfiguration.faults(Samples.small.with(path, .string(text)))
        #expect(faults == ["\(path) is not valid: \(fact)"])
    }

    @Test(arguments: [
        ("webhook", "ftp://example.org", "must start with \"http://\" or \"https://\""),
        ("webhook", "example.org/hook", "is not a URL; write it as \"https://host/path\""),
        ("webhook", "https://", "names no host"),
        ("mail", "nobody", "must be of the form \"name@example.org\""),
        ("mail", "a b@example.org", "must not contain spaces, line breaks or non-ASCII characters"),
    ])
    func `a listener that cannot be reached is refused`(_ key: String, _ text: String, _ fact: String) {
        let file = Samples.small.with("notifications", [.object([key: .string(text)])])
        let noun = key == "mail" ? "mail address" : key
        #expect(
            PipelineConfiguration.faults(file)
                == ["notifications[0].\(key) is not valid: \(noun) \"\(text)\" \(fact)"]
        )
    }

    @Test(
        arguments: [
            (
                Samples.schema(
                    "Interactions",
                    [["name": "USER_ID", "type": "string"], ["name": "ITEM_ID", "type": "string"]]
                ),
                "datasets.Interactions.schema.fields lacks TIMESTAMP (long)"
            ),
            (Samples.users["schema"] ?? nil, "datasets.Interactions.schema.name \"Users\" must be \"Interactions\""),
            ("{\"type\": ", "datasets.Interactions.schema is a string that is not valid JSON: line 1, column 10"),
            (7, "datasets.Interactions.schema must be an object, but is number 7"),
            (Samples.schema("Interactions", []), "datasets.Interactions.schema.fields must not be empty"),
        ] as [(JSON, String)]
    )
    func `a schema is checked as the service will check it`(_ schema: JSON, _ start: String) {
        let faults = PipelineConfiguration.faults(Samples.small.with("datasets.Interactions.schema", schema))
        #expect(faults.first?.hasPrefix(start) == true, "\(faults)")
    }

    @Test func `what the service would refuse after the import is refused before it`() {
        let parameters: JSON = ["algorithmHyperParameters": ["hidden_dimension": "many"]]
        let solution = PipelineConfiguration.faults(
            Samples.newer.with("solutions.userPersonalization.solutionConfig", parameters)
        )
        #expect(solution.count == 1)
        #expect(solution.first?.contains("hidden_dimension") == true)
        let filter = PipelineConfiguration.faults(
            Samples.newer.with("filters", [["name": "odd", "filterExpression": "SHOW everything"]])
        )
        #expect(filter.count == 1)
        #expect(filter.first?.hasPrefix("filters[0] Could not create filter.") == true)
    }

    @Test func `all faults are told at once, in the order of the file`() {
        let file = Samples.newer
            .with("datasetGroup.name", "a b").with("datasets.Interactions", nil).with("datasets.Item", Samples.users)
            .with("solutions.sims.recipeArn", Samples.recipe("aws-simz")).with("filtres", [])
            .with("schedules", ["full": "never"]).with("notifications", [["mail": "me"], 3])
        let places = PipelineConfiguration.faults(file).compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(
            places == [
                "filtres", "datasetGroup.name", "datasets.Item", "datasets.Interactions", "solutions.sims.recipeArn",
                "schedules.full", "notifications[0].mail", "notifications[1]",
            ]
        )
    }
}
