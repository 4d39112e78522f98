import JSON
import Testing

@testable import Personalize

@Suite struct SchemaTests {
    /// A schema of a type with fields, each the inside of a JSON object.
    private func text(_ name: String, _ fields: String...) -> String {
        let list = fields.map { "{\($0)}" }.joined(separator: ",")
        return #"{"type":"record","name":"\#(name)","namespace":"n","fields":[\#(list)],"version":"1.0"}"#
    }

    private let user = #""name":"USER_ID","type":"string""#
    private let item = #""name":"ITEM_ID","type":"string""#
    private let timestamp = #""name":"TIMESTAMP","type":"long""#

    private func faults(_ text: String, domain: Domain? = nil) -> [String] {
        do {
            _ = try Schema(parsing: text, domain: domain)
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    @Test func `a schema is read with types, nulls and flags`() throws {
        let schema = try Schema(
            parsing: text(
                "Items",
                item,
                #""name":"TITLE","type":["null","string"],"textual":true"#,
                #""name":"GENRES","type":["string","null"],"categorical":true"#,
                #""name":"PRICE","type":"double""#
            )
        )
        #expect(schema.datasetType == .items)
        #expect(schema.columns.map(\.name) == ["ITEM_ID", "TITLE", "GENRES", "PRICE"])
        #expect(schema.columns.map(\.type) == [.string, .string, .string, .double])
        #expect(schema.columns.map(\.isNullable) == [false, true, true, false])
        #expect(schema.columns.map(\.isTextual) == [false, true, false, false])
        #expect(schema.columns.map(\.isCategorical) == [false, false, true, false])
    }

    @Test(
        arguments: zip(
            ["INTERACTIONS", "users", "Items", "Actions", "ActionInteractions", "Action_Interactions", "Films"],
            [.interactions, .users, .items, .actions, .actionInteractions, .actionInteractions, nil] as [DatasetType?]
        )
    )
    func `dataset types are known in any case`(name: String, type: DatasetType?) {
        #expect(DatasetType(named: name) == type)
    }

    @Test func `malformed JSON is named with line and column`() {
        #expect(
            faults("{\n  \"type\": record\n}").first?.hasPrefix("schema is not valid JSON: line 2, column 11") == true
        )
    }

    @Test func `a text that is no record is refused`() {
        #expect(faults("[]") == ["schema must be an Avro record, a JSON object, but it is an array"])
        #expect(
            faults("{}") == [
                "type must be \"record\", but it is missing",
                "name must be the dataset type, one of Interactions, Users, Items, Actions, Action_Interactions, "
                    + "but it is missing",
                "fields must be an array of fields, but it is missing",
            ]
        )
        #expect(
            faults(String(repeating: " ", count: 20_001)) == [
                "schema has 20001 characters; at most 20000 are allowed"
            ]
        )
    }

    @Test func `all faults are given at once, each with its place`() {
        let text = text(
            "Interactions",
            #""name":"USER_ID","type":"strng""#,
            #""name":"ITEM ID","type":"string""#,
            #""name":"TIMESTAMP","type":["null","long"]"#,
            #""name":"KIND","type":["string","long","null"]"#,
            #""name":"DEVICE","type":"string","categorial":true"#,
            #""name":"AGE","type":"int","categorical":"yes""#
        )
        #expect(
            faults(text) == [
                "fields[0].type must be one of float, double, int, long, string, boolean, not \"strng\", "
                    + "did you mean \"string\"?",
                "fields[1].name \"ITEM ID\" must start with a letter and hold only letters, digits and underscores",
                "fields[3].type [\"string\",\"long\",\"null\"] must be a union of one type and \"null\"",
                "fields[4].categorial is not a known key, did you mean \"categorical\"?",
                "fields[5].categorical must be true or false, not \"yes\"",
                "fields[2].type of TIMESTAMP must not allow null: it is required in every record",
                "fields lacks ITEM_ID (string), required in an Interactions schema",
            ]
        )
    }

    @Test func `a nested type is refused`() {
        let nested = text("Users", user, #""name":"TAGS","type":{"type":"array","items":"string"}"#)
        #expect(
            faults(nested) == [
                "fields[1].type must be one of float, double, int, long, string, boolean, "
                    + #"not {"type":"array","items":"string"}"#
            ]
        )
    }

    @Test func `a mistyped required column is suggested`() {
        #expect(
            faults(text("Interactions", #""name":"USERID","type":"string""#, item, timestamp)) == [
                "fields lacks USER_ID (string), required in an Interactions schema; is \"USERID\" it?"
            ]
        )
    }

    @Test(arguments: ["GENRES1", "genres_1", "GENRES_1"])
    func `names must differ in letters or digits`(second: String) {
        let found = faults(
            text("Items", item, #""name":"GENRES_1","type":"string""#, #""name":"\#(second)","type":"string""#)
        )
        let difference = second == "GENRES_1" ? "is there twice" : "differs from \"GENRES_1\" only in case or \"_\""
        #expect(found == ["fields[2].name \"\(second)\" \(difference); names must differ in letters or digits"])
    }

    @Test(arguments: ["Users", "Items", "Actions"])
    func `a dataset with a key needs a metadata column`(name: String) {
        let key = name.dropLast().uppercased() + "_ID"
        #expect(
            faults(text(name, #""name":"\#(key)","type":"string""#)) == [
                "fields must have at least one metadata column beside \(key)"
            ]
        )
    }

    @Test func `reserved columns must have their types and flags`() {
        let text = text(
            "Interactions",
            user,
            item,
            timestamp,
            #""name":"EVENT_TYPE","type":"string","categorical":true"#,
            #""name":"EVENT_VALUE","type":"string""#,
            #""name":"IMPRESSION","type":"long""#
        )
        #expect(
            faults(text) == [
                "fields[3].categorical is not allowed: EVENT_TYPE is a reserved string and no category",
                "fields[4].type of EVENT_VALUE must be float, not string",
                "fields[5].type of IMPRESSION must be string, not long",
            ]
        )
    }

    @Test func `flags go where they belong`() {
        let users = text("Users", user, #""name":"BIO","type":"string","textual":true"#)
        #expect(faults(users) == ["fields[1].textual is for Items schemas only, and this one is Users"])
        let items = text(
            "Items",
            item,
            #""name":"YEAR","type":"int","categorical":true"#,
            #""name":"PLOT","type":"string","categorical":true,"textual":true"#
        )
        #expect(
            faults(items) == [
                "fields[1].categorical is for strings only, and YEAR is int",
                "fields[2] PLOT cannot be both categorical and textual",
            ]
        )
    }

    @Test func `domains ask for more`() {
        #expect(
            faults(text("Interactions", user, item, timestamp), domain: .ecommerce) == [
                "fields lacks EVENT_TYPE (string), required in an Interactions schema of the ECOMMERCE domain"
            ]
        )
        #expect(
            faults(text("Items", item, #""name":"CATEGORY_L1","type":"string""#), domain: .ecommerce) == [
                "fields[1] CATEGORY_L1 must have \"categorical\": true",
                "fields lacks PRICE (float), required in an Items schema of the ECOMMERCE domain",
            ]
        )
        #expect(
            faults(text("Items", item, #""name":"TITLE","type":"string""#), domain: .videoOnDemand) == [
                "fields lacks GENRES (string), required in an Items schema of the VIDEO_ON_DEMAND domain",
                "fields lacks CREATION_TIMESTAMP (long), required in an Items schema of the VIDEO_ON_DEMAND domain",
            ]
        )
        #expect(faults(text("Users", user, #""name":"AGE","type":"int""#), domain: .videoOnDemand) == [])
    }

    @Test(arguments: zip(["Interactions", "Users", "Items", "Actions"], [5, 25, 100, 10]))
    func `metadata columns are limited`(name: String, limit: Int) {
        func schema(_ count: Int) -> String {
            let key =
                name == "Interactions"
                ? [user, item, timestamp] : [#""name":"\#(name.dropLast().uppercased())_ID","type":"string""#]
            let columns = key + (0..<count).map { #""name":"M\#($0)","type":"int""# }
            let list = columns.map { "{\($0)}" }.joined(separator: ",")
            return #"{"type":"record","name":"\#(name)","fields":[\#(list)]}"#
        }
        #expect(faults(schema(limit)) == [])
        #expect(
            faults(schema(limit + 1)) == [
                "fields has \(limit + 1) metadata columns; \(name == "Users" ? "a" : "an") \(name) schema may have at most \(limit)"
            ]
        )
    }

    @Test func `one textual column is allowed`() {
        let text = text(
            "Items",
            item,
            #""name":"PLOT","type":"string","textual":true"#,
            #""name":"REVIEW","type":"string","textual":true"#
        )
        #expect(faults(text) == ["fields has 2 textual columns; at most 1 may be"])
    }

    @Test func `the fingerprint tells columns apart and nothing else`() throws {
        let one = try Schema(parsing: text("Users", user, #""name":"AGE","type":"int""#))
        let spaced = try Schema(parsing: text("users", user, #" "type": "int", "name": "AGE" "#))
        let other = try Schema(parsing: text("Users", user, #""name":"AGE","type":["null","int"]"#))
        #expect(one.fingerprint == spaced.fingerprint)
        #expect(one.fingerprint != other.fingerprint)
    }
}
