internal import Integrity
internal import JSON

/// The services of the query protocol: a form names the operation and the service's version, the answer is XML.
struct QueryTables: Sendable {
    /// Where the documents of a service are, by its name: their namespace ends with the version.
    private static let namespaces = [
        "sns": "http://sns.amazonaws.com/doc/2010-03-31/", "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    ]
    /// Members of answers that are maps, with a key and a value for each entry; other objects are structures.
    private static let maps: Set<String> = ["Attributes"]

    private let tables: [OperationTable]

    init(_ tables: [OperationTable]) { self.tables = tables }

    /// An operation that a form asks for.
    struct Call: Sendable {
        let name: String
        let service: String
        let handler: OperationHandler
        let input: JSON
    }

    /// Finds the operation of a form.
    ///
    /// - Parameter form: The body of the request.
    /// - Returns: The operation with its members.
    /// - Throws: `WireError` with `InvalidAction` or `MissingParameter`.
    func find(_ form: String) throws(WireError) -> Call {
        let pairs = PercentEncoding.pairs(of: form, plusIsSpace: true)
        guard let action = pairs.first(where: { $0.name == "Action" })?.value else {
            throw WireError("MissingParameter", "the form must have an Action, as \"Action=Publish\"")
        }
        let version = pairs.first { $0.name == "Version" }?.value
        for table in tables where version.map({ Self.namespace(of: table).contains($0) }) ?? true {
            guard let handler = table[action] else { continue }
            let input = try Self.members(of: pairs.filter { $0.name != "Action" && $0.name != "Version" })
            return Call(name: action, service: table.service, handler: handler, input: input)
        }
        let suggestion = Suggestion.clause(for: action, among: tables.flatMap(\.names))
        throw WireError("InvalidAction", "there is no action \"\(action)\" of version \(version ?? "any")\(suggestion)")
    }

    private static func namespace(of table: OperationTable) -> String { namespaces[table.service] ?? "" }

    // MARK: Members

    /// `A.B`, `A.member.1`, `A.entry.1.key` as members, lists and maps.
    private static func members(of pairs: [(name: String, value: String)]) throws(WireError) -> JSON {
        var root = Tree()
        for (name, value) in pairs {
            let path = name.split(separator: ".")
            guard !path.isEmpty, path.count <= 12 else {
                throw WireError("InvalidParameter", "\"\(name)\" is no member")
            }
            root.insert(value, at: path)
        }
        return root.json
    }

    private struct Tree {
        var value: String?
        var children: [(name: Substring, tree: Tree)] = []

        mutating func insert(_ value: String, at path: ArraySlice<Substring>) {
            guard let first = path.first else { return self.value = value }
            if let index = children.firstIndex(where: { $0.name == first }) {
                children[index].tree.insert(value, at: path.dropFirst())
            } else {
                var tree = Tree()
                tree.insert(value, at: path.dropFirst())
                children.append((first, tree))
            }
        }

        mutating func insert(_ value: String, at path: [Substring]) { insert(value, at: path[...]) }

        var json: JSON {
            guard !children.isEmpty else { return .string(value ?? "") }
            if children.count == 1, ["member", "entry"].contains(children[0].name), let list = children[0].tree.list {
                return list
            }
            return .object(JSONObject(children.map { (String($0.name), $0.tree.json) }))
        }

        /// The children by their numbers; entries of a key and a value are a map.
        private var list: JSON? {
            let numbered = children.compactMap { child in Int(child.name).map { ($0, child.tree.json) } }
            guard numbered.count == children.count else { return nil }
            let values = numbered.sorted { $0.0 < $1.0 }.map(\.1)
            let entries = values.compactMap { value -> (String, JSON)? in
                guard let key = (value["key"] ?? value["Name"])?.string, let held = value["value"] ?? value["Value"]
                else {
                    return nil
                }
                return (key, held)
            }
            return entries.count == values.count ? .object(JSONObject(entries)) : .array(values)
        }
    }

    // MARK: Answers

    /// The document of an answer.
    func document(_ output: JSON, of call: Call, _ requestID: String) -> [UInt8] {
        let result = XMLNode("\(call.name)Result", Self.children(of: output))
        let metadata = XMLNode("ResponseMetadata", [XMLNode("RequestId", requestID)])
        let namespace = Self.namespaces[call.service]
        return XMLNode("\(call.name)Response", namespace: namespace, [result, metadata]).document
    }

    /// The document of an error; codes are told without "Exception".
    func refusal(_ error: WireError, _ status: Int, _ requestID: String) -> APIAnswer {
        let suffix = "Exception"
        let code = error.code.hasSuffix(suffix) ? String(error.code.dropLast(suffix.count)) : error.code
        let document = XMLNode(
            "ErrorResponse",
            namespace: tables.first.map(Self.namespace),
            [
                XMLNode(
                    "Error",
                    [
                        XMLNode("Type", status < 500 ? "Sender" : "Receiver"), XMLNode("Code", code),
                        XMLNode("Message", error.message),
                    ]
                ), XMLNode("RequestId", requestID),
            ]
        ).document
        return APIAnswer(
            status: status,
            contentType: WireProtocol.query.contentType,
            requestID: requestID,
            body: document
        )
    }

    private static func children(of value: JSON) -> [XMLNode] {
        (value.object ?? [:]).map { name, value in
            if let elements = value.array { return XMLNode(name, elements.map { node("member", $0) }) }
            guard maps.contains(name), let entries = value.object else { return node(name, value) }
            return XMLNode(
                name,
                entries.map { key, value in XMLNode("entry", [XMLNode("key", key), node("value", value)]) }
            )
        }
    }

    private static func node(_ name: String, _ value: JSON) -> XMLNode {
        if value.object != nil { return XMLNode(name, children(of: value)) }
        return XMLNode(name, value.string ?? value.text)
    }
}
