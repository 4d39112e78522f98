import JSON

/// What variables may hold.
enum VariableLimit {
    /// One variable, and all that one `Assign` sets.
    static let assign = 262_144
    /// All variables of an execution together.
    static let execution = 10_485_760
}

/// The variables that a state sees: those of its own scope, then those of the scopes around it.
struct VariableScope: Sendable, Equatable {
    /// The innermost first; scopes without variables are left out.
    private var layers: [JSONObject] = []

    static let empty = VariableScope()

    init() {}

    init(_ variables: JSONObject) {
        add(variables)
    }

    /// Puts a scope around those that are there.
    mutating func add(_ variables: JSONObject) {
        if !variables.isEmpty { layers.append(variables) }
    }

    subscript(name: String) -> JSON? {
        for layer in layers {
            if let value = layer[name] { return value }
        }
        return nil
    }

    /// All variables in one object.
    var flattened: JSONObject {
        var all = JSONObject()
        for layer in layers.reversed() {
            for (name, value) in layer { all[name] = value }
        }
        return all
    }
}

extension JSONObject {
    /// How many bytes the variables of this name and value take.
    var variableBytes: Int {
        var bytes = 0
        for (name, value) in self { bytes += name.utf8.count + value.utf8.count }
        return bytes
    }
}
