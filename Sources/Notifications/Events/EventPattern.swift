public import JSON

/// What a rule wants of an event: an object of the event's shape, with a list of conditions at each leaf.
///
/// All of its fields must match, and of each list one condition. The conditions are those of EventBridge: a value,
/// `prefix`, `suffix`, `anything-but`, `numeric`, `exists`, `equals-ignore-case`, `wildcard`, `cidr`, and `$or` between
/// objects. A field of the event that is a list matches when one of its elements does.
public struct EventPattern: Sendable {
    private let root: Node

    /// An object of a pattern.
    struct Node: Sendable {
        var fields: [(name: String, condition: Condition)] = []
        /// Lists of which one object must match, each.
        var alternatives: [[Node]] = []
    }

    /// What one field must be.
    indirect enum Condition: Sendable {
        case node(Node)
        case anyOf([EventCondition])
    }

    /// Reads a pattern.
    ///
    /// - Parameter text: JSON text.
    /// - Throws: `NotificationError` with `invalidEventPattern`, saying what is wrong and where.
    public init(parsing text: String) throws(NotificationError) {
        guard text.utf8.count <= 4096 else { throw Self.refusal("It has more than 4096 characters") }
        let json: JSON
        do {
            json = try JSON(parsing: text)
        } catch {
            throw Self.refusal("It is not JSON: \(error)")
        }
        guard let object = json.object else { throw Self.refusal("Filter is not an object") }
        guard !object.isEmpty else { throw Self.refusal("Empty objects are not allowed") }
        root = try Self.node(object, at: "")
    }

    /// Whether an event is wanted.
    ///
    /// - Parameter event: The event with its envelope.
    /// - Returns: Whether every field matches.
    public func matches(_ event: JSON) -> Bool { Self.matches(root, event) }

    static func refusal(_ reason: String) -> NotificationError {
        NotificationError(.invalidEventPattern, "Event pattern is not valid. Reason: \(reason)")
    }

    // MARK: Reading

    private static func node(_ object: JSONObject, at place: String) throws(NotificationError) -> Node {
        var node = Node()
        for (name, value) in object {
            let place = place.isEmpty ? name : "\(place).\(name)"
            if name == "$or", let alternatives = try alternatives(value, at: place) {
                node.alternatives.append(alternatives)
            } else {
                node.fields.append((name, try condition(value, at: place)))
            }
        }
        return node
    }

    /// The objects of `$or`; `nil` when it is a field of that name.
    private static func alternatives(_ value: JSON, at place: String) throws(NotificationError) -> [Node]? {
        guard let list = value.array, list.count > 1, list.allSatisfy({ $0.object != nil }) else { return nil }
        var nodes: [Node] = []
        for (index, element) in list.enumerated() {
            guard let object = element.object, !object.isEmpty else {
                throw refusal("Empty objects are not allowed, at \"\(place)[\(index)]\"")
            }
            nodes.append(try node(object, at: "\(place)[\(index)]"))
        }
        return nodes
    }

    private static func condition(_ value: JSON, at place: String) throws(NotificationError) -> Condition {
        switch value {
        case .object(let object):
            guard !object.isEmpty else { throw refusal("Empty objects are not allowed, at \"\(place)\"") }
            return .node(try node(object, at: place))
        case .array(let values):
            guard !values.isEmpty else { throw refusal("Empty arrays are not allowed, at \"\(place)\"") }
            var conditions: [EventCondition] = []
            for value in values { conditions.append(try EventCondition(value, at: place)) }
            return .anyOf(conditions)
        default:
            throw refusal("\"\(place)\" must be an object or an array")
        }
    }

    // MARK: Matching

    private static func matches(_ node: Node, _ value: JSON) -> Bool {
        if let elements = value.array { return elements.contains { matches(node, $0) } }
        let object = value.object ?? [:]
        return node.fields.allSatisfy { matches($0.condition, object[$0.name]) }
            && node.alternatives.allSatisfy { nodes in nodes.contains { matches($0, value) } }
    }

    private static func matches(_ condition: Condition, _ value: JSON?) -> Bool {
        switch condition {
        case .node(let node): return matches(node, value ?? .null)
        case .anyOf(let conditions):
            let leaves = value.map(leaves) ?? []
            return conditions.contains { condition in
                leaves.isEmpty ? condition.matchesAbsence : leaves.contains(where: condition.matches)
            }
        }
    }

    /// The values of a field that conditions look at; an object is none.
    private static func leaves(of value: JSON) -> [JSON] {
        switch value {
        case .object: []
        case .array(let values): values.flatMap(leaves)
        default: [value]
        }
    }
}
