public import JSON

/// How an API elsewhere is spoken to: an EventBridge connection, as `CreateConnection` describes it.
public struct Connection: Sendable, Equatable {
    /// The name, which stands in the connection's ARN.
    public let name: String
    /// Headers, query parameters and members of the body that go along with every request.
    let headers: [String: String]
    let query: [String: String]
    let body: [String: String]
    let authorization: Authorization

    enum Authorization: Sendable, Equatable {
        case none
        case apiKey(name: String, value: String)
        case basic(username: String, password: String)
    }

    /// Reads a connection, in the shape of EventBridge's `CreateConnection`.
    ///
    /// - Parameter json: `Name`, `AuthorizationType` (`API_KEY` or `BASIC`; absent for none) and `AuthParameters`.
    /// - Throws: `ConnectionFault` with place, fact and remedy; no value enters it.
    public init(_ json: JSON) throws(ConnectionFault) {
        guard let name = json["Name"]?.string, !name.isEmpty else {
            throw ConnectionFault(description: "Name is missing; it is what stands in the connection's ARN")
        }
        self.name = name
        let parameters = json["AuthParameters"] ?? [:]
        authorization = try Self.authorization(json["AuthorizationType"], parameters, of: name)
        let invocation = parameters["InvocationHttpParameters"] ?? [:]
        headers = try Self.pairs(invocation, "HeaderParameters", of: name)
        query = try Self.pairs(invocation, "QueryStringParameters", of: name)
        body = try Self.pairs(invocation, "BodyParameters", of: name)
    }

    private static func authorization(
        _ type: JSON?,
        _ parameters: JSON,
        of name: String
    ) throws(ConnectionFault) -> Authorization {
        func text(_ group: String, _ member: String) throws(ConnectionFault) -> String {
            guard let text = parameters[group]?[member]?.string else {
                throw ConnectionFault(description: "\(name): AuthParameters.\(group).\(member) is missing")
            }
            return text
        }
        switch type?.string {
        case nil where type == nil: return .none
        case "API_KEY":
            return .apiKey(
                name: try text("ApiKeyAuthParameters", "ApiKeyName"),
                value: try text("ApiKeyAuthParameters", "ApiKeyValue")
            )
        case "BASIC":
            return .basic(
                username: try text("BasicAuthParameters", "Username"),
                password: try text("BasicAuthParameters", "Password")
            )
        default:
            let shown = type?.text ?? "null"
            throw ConnectionFault(description: "\(name): AuthorizationType \(shown) must be \"API_KEY\" or \"BASIC\"")
        }
    }

    private static func pairs(
        _ invocation: JSON,
        _ member: String,
        of name: String
    ) throws(ConnectionFault) -> [String: String] {
        var pairs: [String: String] = [:]
        for (index, pair) in (invocation[member]?.array ?? []).enumerated() {
            guard let key = pair["Key"]?.string, let value = pair["Value"]?.string else {
                throw ConnectionFault(description: "\(name): \(member)[\(index)] must have a Key and a Value")
            }
            pairs[key] = value
        }
        return pairs
    }
}

/// What is wrong with a connection.
public struct ConnectionFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Place, fact and remedy.
    public let description: String
}
