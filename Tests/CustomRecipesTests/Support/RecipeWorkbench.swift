import CustomRecipes
import FoundationEssentials
import JSON
import Logging
import Personalize
import SQLiteStore
import ServiceLifecycle
import TestSupport

/// A recommender service with custom recipes: a real database, real programs.
struct RecipeWorkbench: Sendable {
    let directory: TemporaryDirectory
    let service: PersonalizeService
    let recipes: ProgramRecipes
    let store: SQLiteStore

    init(directory: TemporaryDirectory? = nil, path: String = "") throws {
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        store = try SQLiteStore(path: directory.file("millrace.sqlite"))
        recipes = try ProgramRecipes(
            directory: directory.file("recipes"),
            home: directory.file("home"),
            path: path,
            logger: logger
        )
        var configuration = PersonalizeService.Configuration()
        configuration.minimumInteractions = 100
        configuration.minimumUsers = 10
        service = try PersonalizeService(
            store: store,
            objects: FolderSource(root: directory.file("bucket")),
            programs: recipes,
            home: directory.file("home"),
            configuration: configuration,
            now: { Date() },
            makeID: { UUID() },
            logger: logger
        )
    }

    /// The same home in a new service, as after the end of the process.
    func restarted() throws -> RecipeWorkbench {
        try store.close()
        return try RecipeWorkbench(directory: directory)
    }

    /// Runs the service for as long as the body takes; then its programs end.
    func running<T: Sendable>(_ body: @Sendable () async throws -> T) async throws -> T {
        let (service, recipes) = (service, recipes)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            let result: Result<T, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            group.cancelAll()
            await recipes.stop()
            return try result.get()
        }
    }

    @discardableResult
    func call(_ operation: String, _ input: JSON) async throws -> JSON {
        try await service.call(operation, input)
    }

    /// What a call is refused with; `nil` when it is not.
    func refusal(_ operation: String, _ input: JSON) async -> PersonalizeError? {
        do throws(PersonalizeError) {
            _ = try await service.call(operation, input)
            return nil
        } catch {
            return error
        }
    }

    /// Calls a creation and waits until the resource is ACTIVE or has failed.
    @discardableResult
    func create(_ operation: String, _ input: JSON) async throws -> (arn: String, status: ResourceStatus?) {
        let answer = try await call(operation, input)
        let arn = answer.object?.first { $0.0.hasSuffix("Arn") }?.1.string ?? ""
        return (arn, try await service.waitUntilSettled(arn))
    }

    /// Makes the group `films` with 40 users, 24 films and ratings, and imports them.
    func prepareFilms() async throws {
        try await create("CreateDatasetGroup", ["name": "films"])
        let group = JSON.string(arn("dataset-group/films"))
        var events = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE"]
        for user in 0..<40 {
            for item in 0..<24 where (user + item) % 3 != 0 && item <= user {
                events.append(
                    "u\(user),i\(item),\(1_700_000_000 + item),\(item % 5 == 0 ? "skip" : "rate"),\(item % 5 + 1)"
                )
            }
        }
        let items = (0..<24).map { "i\($0),\"Film \($0), the first\"" }
        for (name, type, schema, lines) in [
            ("seen", "Interactions", Self.interactionsSchema, events),
            ("things", "Items", Self.itemsSchema, ["ITEM_ID,TITLE"] + items),
        ] {
            try await call("CreateSchema", ["name": .string(name), "schema": .string(schema)])
            let dataset: JSON = [
                "name": .string(name), "schemaArn": .string(arn("schema/\(name)")), "datasetGroupArn": group,
                "datasetType": .string(type),
            ]
            try await create("CreateDataset", dataset)
            try directory.write(lines.joined(separator: "\n") + "\n", to: "bucket/\(type)/a.csv")
            try await create(
                "CreateDatasetImportJob",
                [
                    "jobName": .string("\(name)-1"), "datasetArn": .string(arn("dataset/films/\(type.uppercased())")),
                    "dataSource": ["dataLocation": .string("s3://bucket/\(type)/")],
                ]
            )
        }
    }

    /// Makes a solution of a recipe and trains a version.
    func train(
        _ name: String,
        recipe: String,
        _ more: JSONObject = [:]
    ) async throws -> (arn: String, status: ResourceStatus?) {
        var input: JSON = [
            "name": .string(name), "datasetGroupArn": .string(arn("dataset-group/films")),
            "recipeArn": .string("arn:aws:personalize:::recipe/\(recipe)"), "performAutoTraining": false,
        ]
        for (key, value) in more { input[key] = value }
        try await create("CreateSolution", input)
        return try await create("CreateSolutionVersion", ["solutionArn": .string(arn("solution/\(name)"))])
    }

    /// Trains a version and serves it in a campaign of the same name.
    func serve(_ name: String, recipe: String) async throws -> (arn: String, status: ResourceStatus?) {
        let version = try await train(name, recipe: recipe)
        return try await create(
            "CreateCampaign",
            ["name": .string(name), "solutionVersionArn": .string(version.arn)]
        )
    }

    func failureReason(_ kind: String, _ arn: String) async throws -> String {
        let member = String(kind.prefix(1).lowercased() + kind.dropFirst())
        let answer = try await call("Describe\(kind)", .object(["\(member)Arn": .string(arn)]))
        return answer[member]?["failureReason"]?.string ?? ""
    }

    private static let interactionsSchema = """
        {"type":"record","name":"Interactions","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
        {"name":"EVENT_TYPE","type":["null","string"]},{"name":"EVENT_VALUE","type":["null","float"]}],"version":"1.0"}
        """

    private static let itemsSchema = """
        {"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"ITEM_ID","type":"string"},{"name":"TITLE","type":["null","string"]}],"version":"1.0"}
        """
}

/// ARNs of the default region and account.
func arn(_ path: String) -> String { "arn:aws:personalize:us-east-1:000000000000:\(path)" }

/// Finds the files of `s3://bucket/…` in a directory.
struct FolderSource: ObjectSource {
    struct NoSuchFolder: Error {}

    let root: String

    func files(at location: String, suffix: String) throws -> [String] {
        guard location.hasPrefix("s3://bucket/") else { throw NoSuchFolder() }
        let path = "\(root)/\(location.dropFirst("s3://bucket/".count))"
        return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(suffix) }.sorted()
            .map { path + $0 }
    }

    func writablePath(of location: String) throws -> String { throw NoSuchFolder() }
}
