import JSON
import Personalize
import TestSupport
import Testing

/// Generated data of a domain: users and items are of two camps, and each user meets most items of his own.
///
/// A third of the items of each camp is also purchased or watched. One item is met by everybody (`i2`), another is
/// purchased or watched by everybody (`i7`), and the last to be met by many is `i5`.
struct Shop {
    let domain: Domain
    var users = 40
    var items = 24

    /// The type of most events, and that of the few that count for more.
    var types: (met: String, taken: String) {
        domain == .ecommerce ? ("View", "Purchase") : ("Click", "Watch")
    }

    /// Whether a user met an item.
    func hasMet(_ user: Int, _ item: Int) -> Bool { item % 2 == user % 2 && (user / 2 + item / 2) % 4 != 0 }

    /// Whether a user purchased or watched an item.
    func hasTaken(_ user: Int, _ item: Int) -> Bool { hasMet(user, item) && item / 2 % 3 == 0 || item == 7 }

    /// The items a user has purchased or watched.
    func taken(_ user: Int) -> Set<String> { Set((0..<items).filter { hasTaken(user, $0) }.map { "i\($0)" }) }

    /// The interactions as a CSV file.
    func interactions(isTaken: Bool = true) -> String {
        var lines = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"]
        let start = 1_700_000_000
        for user in 0..<users {
            for item in 0..<items {
                let time = start + item * 60 + user
                if hasMet(user, item) || item == 2 { lines.append("u\(user),i\(item),\(time),\(types.met)") }
                if isTaken, hasTaken(user, item) { lines.append("u\(user),i\(item),\(time + 30),\(types.taken)") }
            }
            if user % 2 == 1 { lines.append("u\(user),i5,\(start + 10_800 + user),\(types.met)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The items as a CSV file, with one that nobody has met.
    var itemsFile: String {
        let lines = ((0..<items).map { ("i\($0)", $0 % 2) } + [("new", 0)]).enumerated().map { index, item in
            domain == .ecommerce
                ? "\(item.0),\(index).5,\(item.1 == 0 ? "books" : "tools")"
                : "\(item.0),\(item.1 == 0 ? "drama" : "comedy"),\(1_600_000_000 + index)"
        }
        let header = domain == .ecommerce ? "ITEM_ID,PRICE,CATEGORY_L1" : "ITEM_ID,GENRES,CREATION_TIMESTAMP"
        return header + "\n" + lines.joined(separator: "\n") + "\n"
    }

    static let interactionsSchema = """
        {"type":"record","name":"Interactions","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},
        {"name":"EVENT_TYPE","type":"string"},{"name":"TIMESTAMP","type":"long"}],"version":"1.0"}
        """

    var itemsSchema: String {
        let columns =
            domain == .ecommerce
            ? #"{"name":"PRICE","type":"float"},{"name":"CATEGORY_L1","type":"string","categorical":true}"#
            : #"{"name":"GENRES","type":"string","categorical":true},{"name":"CREATION_TIMESTAMP","type":"long"}"#
        return """
            {"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema","fields":[
            {"name":"ITEM_ID","type":"string"},\(columns)],"version":"1.0"}
            """
    }
}

extension ServiceUnderTest {
    static let shopGroup = JSON.string(arn("dataset-group/shop"))

    /// Makes the group `shop` of a domain and imports the generated files.
    func prepareShop(_ shop: Shop, isTaken: Bool = true, hasItems: Bool = true) async throws {
        let domain = JSON.string(shop.domain.rawValue)
        try await create("CreateDatasetGroup", ["name": "shop", "domain": domain])
        try directory.write(shop.interactions(isTaken: isTaken), to: "bucket/Interactions/a.csv")
        try directory.write(shop.itemsFile, to: "bucket/Items/a.csv")
        var parts = [("Interactions", Shop.interactionsSchema)]
        if hasItems { parts.append(("Items", shop.itemsSchema)) }
        for (type, schema) in parts {
            let schema: JSON = ["name": .string(type), "schema": .string(schema), "domain": domain]
            let schemaArn = try await call("CreateSchema", schema)["schemaArn"] ?? ""
            let dataset: JSON = [
                "name": .string(type), "schemaArn": schemaArn, "datasetGroupArn": Self.shopGroup,
                "datasetType": .string(type),
            ]
            let datasetArn = try await create("CreateDataset", dataset).arn
            let job: JSON = [
                "jobName": .string(type), "datasetArn": .string(datasetArn),
                "dataSource": ["dataLocation": .string("s3://bucket/\(type)/")],
            ]
            #expect(try await create("CreateDatasetImportJob", job).status == .active)
        }
    }

    /// The input that makes a recommender.
    static func recommender(_ recipe: String, config: JSON? = nil) -> JSON {
        var input: JSON = [
            "name": .string(recipe), "datasetGroupArn": shopGroup,
            "recipeArn": .string("arn:aws:personalize:::recipe/\(recipe)"),
        ]
        input["recommenderConfig"] = config
        return input
    }

    /// The ids that a recommender answers.
    func ask(_ recommender: String, _ user: String?, item: String? = nil, _ more: JSONObject = [:]) throws -> [String] {
        var input: JSON = ["recommenderArn": .string(recommender)]
        input["userId"] = user.map(JSON.string)
        input["itemId"] = item.map(JSON.string)
        for (name, value) in more { input[name] = value }
        let items = try service.runtime.getRecommendations(input)["itemList"]?.array ?? []
        for item in items { #expect(item["score"] == nil) }
        return items.compactMap { $0["itemId"]?.string }
    }

    func describeRecommender(_ arn: String) async throws -> JSON {
        try await call("DescribeRecommender", ["recommenderArn": .string(arn)])["recommender"] ?? [:]
    }

    /// The names of the files of models, once there are so many: what is not needed any more goes after the commit.
    func modelFiles(count: Int) async throws -> [String] {
        while try modelFiles().count != count { await Task.yield() }
        return try modelFiles()
    }

    /// The names of the files of models.
    func modelFiles() throws -> [String] {
        try DataFiles.names(in: directory.file("home/models")).filter { !$0.hasSuffix(".profile") }.sorted()
    }
}
