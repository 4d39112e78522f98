import FoundationEssentials
import Personalize
import Recommenders
import TestSupport
import Testing

@Suite struct EvaluationDataTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("", to: "scratch/empty")
    }

    private func read(_ path: String = "data", minimumValue: Double? = nil) throws -> EvaluationData {
        try EvaluationData(
            path: directory.file(path),
            scratch: directory.file("scratch"),
            minimumValue: minimumValue
        )
    }

    private func message(_ path: String = "data") throws -> String {
        do {
            _ = try read(path)
            return "it was read"
        } catch {
            return "\(error)"
        }
    }

    private static let params = """
        {"datasetGroup": {"name": "films"}, "datasets": {
        "Interactions": {"name": "seen", "schema": {"type": "record", "name": "Interactions", "fields": [
        {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"}]}},
        "Users": {"name": "people", "schema": {"type": "record", "name": "Users", "fields": [
        {"name": "USER_ID", "type": "string"}, {"name": "KIND", "type": "string", "categorical": true},
        {"name": "NAME", "type": "string", "categorical": true}]}}}}
        """

    @Test func `a drop is read by its schemas, and users are told apart by columns of few values`() throws {
        try directory.write(Self.params, to: "data/params.json")
        try directory.write("USER_ID,ITEM_ID,TIMESTAMP\nu1,a,1\nu2,b,2\n", to: "data/Interactions/1.csv")
        try directory.write("USER_ID,ITEM_ID,TIMESTAMP\nu1,b,3\nu1,a,1\n", to: "data/Interactions/2.csv")
        let users = (1...9).map { "u\($0),\($0 % 2 == 0 ? "even" : "odd"),name \($0)\n" }.joined()
        try directory.write("USER_ID,KIND,NAME\n" + users, to: "data/Users/users.csv")
        let data = try read()
        // The same event in two files is one.
        #expect(data.interactions.count == 3)
        #expect(data.interactions.userCount == 2)
        #expect(data.userKeys.count == 2)
        #expect(data.ratings == nil)
        #expect(data.segmentations.map(\.dimension) == ["KIND", "NAME"])
        #expect(data.segmentations[0].names == ["even", "odd"])
        #expect(data.segmentations[0].nameByUser == [0: "odd", 1: "even"])
    }

    @Test func `items are told apart by their columns where the folder has them`() throws {
        try directory.write("USER_ID,ITEM_ID,TIMESTAMP\nu1,a,1\nu2,b,2\nu2,c,3\n", to: "data/interactions.csv")
        #expect(try read().interactions.itemFeatures == nil)
        try directory.write("ITEM_ID,GENRES\na,war|drama\nb,war\nz,comedy\n", to: "data/items.csv")
        let features = try #require(try read().interactions.itemFeatures)
        #expect(features.itemCount == 3)
        // Nobody met the comedy.
        #expect(features.count == 2)
    }

    @Test func `a lower bound of values holds for ratings too`() throws {
        let ratings = "userId,movieId,rating,timestamp\n1,1,4.5,10\n1,2,0.5,20\n2,1,3,30\n2,2,0,40\n"
        try directory.write(ratings, to: "data/ratings.csv")
        #expect(try read(minimumValue: 3).ratings?.weights == [4.5, 3])
        let all = try read()
        #expect(all.interactions.count == 4)
        #expect(all.ratings?.weights == [4.5, 0.5, 3])
    }

    @Test func `public data sets are read as they are, with their ratings`() throws {
        try directory.write("movieId,title\n1,A\n2,B\n", to: "data/movies.csv")
        try directory.write("userId,movieId,tag,timestamp\n1,1,fun,3\n", to: "data/tags.csv")
        let ratings = "userId,movieId,rating,timestamp\n1,1,4.5,10\n1,2,0.5,20\n2,1,3,30\n"
        try directory.write(ratings, to: "data/ratings.csv")
        for path in ["data", "data/ratings.csv"] {
            let data = try read(path)
            #expect(data.interactions.count == 3)
            #expect(data.interactions.weights.isEmpty)
            #expect(data.ratings?.weights == [4.5, 0.5, 3])
            #expect(data.warnings.isEmpty)
            // What the films are called is known where their file is.
            #expect(data.interactions.itemTexts?.count == (path == "data" ? 2 : nil))
        }
        #expect(try read(minimumValue: 3).interactions.count == 2)
        #expect(throws: EvaluationFault.self) { try read(minimumValue: 9) }
    }

    @Test(arguments: [
        ("user_id,item_id,timestamp", 2), ("USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP", 2), ("\u{FEFF}ts,uid,product_id", 2),
    ])
    func `columns are found under their usual names, in any order`(header: String, users: Int) throws {
        let columns = header.split(separator: ",")
        let rows = (1...2).map { row in
            columns.map { $0.lowercased().hasPrefix("t") || $0.hasSuffix("ts") ? "\(row)" : "x\(row)" }
                .joined(separator: ",")
        }
        try directory.write(([header] + rows).joined(separator: "\n"), to: "data/some.csv")
        #expect(try read().interactions.userCount == users)
    }

    @Test func `what cannot be read is told with its file, line and remedy`() throws {
        #expect(try message("nowhere").contains("nowhere\" cannot be read"))
        try directory.write("x", to: "data/readme.txt")
        #expect(try message().contains("has no CSV files"))
        try directory.write("user,item\nu,i\n", to: "data/a.csv")
        #expect(try message().contains("a.csv, line 1: Input CSV is missing the following columns:[TIMESTAMP]"))
        try directory.write("user,item,time\nu,i,1\nu,i,soon\n", to: "data/a.csv")
        #expect(try message().contains("a.csv, line 3, column TIMESTAMP"))
        try directory.write("user,item,time\nu,i,1\n", to: "data/b.csv")
        #expect(try message().contains("name the one that is meant"))
        try FileManager.default.removeItem(atPath: directory.file("data/b.csv"))
        try directory.write("{\"datasets\": {}}", to: "data/params.json")
        #expect(try message().contains("has no datasets.Interactions.schema"))
        try directory.write("{", to: "data/params.json")
        #expect(try message().contains("params.json is not valid JSON"))
        try directory.write(Self.params, to: "data/params.json")
        try directory.write("USER_ID,ITEM_ID,TIMESTAMP\n", to: "data/Interactions/1.csv")
        #expect(try message().contains("Interactions/1.csv\" has a header but no rows"))
    }
}
