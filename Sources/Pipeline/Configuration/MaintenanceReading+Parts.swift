internal import JSON
internal import Personalize
internal import Shapes

/// The parts that all components have: keys, tags, upkeep.
extension MaintenanceReading {
    static func given(_ path: String) -> JSON { .string("arn:aws:personalize:us-east-1:000000000000:\(path)") }

    /// The list at a path with the path of each element; a fault when it is no list.
    mutating func list(_ value: JSON?, at path: String) -> [(path: String, value: JSON)] {
        guard let value, !value.isNull else { return [] }
        guard let array = value.array else {
            refuseType(path, "must be a list", value)
            return []
        }
        return array.enumerated().map { ("\(path)[\($0)]", $1) }
    }

    /// The two parts of a component, and the rest of it.
    mutating func parts(
        _ value: JSON?,
        at path: String,
        workflow known: [String] = [],
        besides own: [String] = [],
        isTagged: Bool = true
    ) -> Parts? {
        guard let section = object(value ?? .null, at: path) else { return nil }
        checkKeys(section, ["serviceConfig"] + (known.isEmpty ? [] : ["workflowConfig"]) + own, at: path)
        let place = "\(path).serviceConfig"
        var service = section["serviceConfig"].map { object($0, at: place) ?? [:] } ?? [:]
        if isTagged {
            let own = tags(service["tags"], at: place)
            service["tags"] = own ?? commonTags
        }
        var workflow: JSONObject = [:]
        if let value = section["workflowConfig"], !value.isNull, !known.isEmpty {
            workflow = object(value, at: "\(path).workflowConfig") ?? [:]
            checkKeys(workflow, known, at: "\(path).workflowConfig")
        }
        return (.object(service), workflow, section)
    }

    mutating func object(_ value: JSON, at path: String) -> JSONObject? {
        if let object = value.object { return object }
        refuseType(path, "must be an object", value)
        return nil
    }

    mutating func refuseType(_ path: String, _ rule: String, _ value: JSON) {
        check.refuse(at: path, sentence: "\(path) \(rule), but is \(ConfigurationReader.described(value))")
    }

    mutating func checkKeys(_ object: JSONObject, _ known: [String], at path: String) {
        for key in object.keys where !known.contains(key) {
            let place = ConfigurationReader.join(path, key)
            let hint = ConfigurationReader.hint(key, object, known: known)
            check.refuse(at: place, sentence: "key \(place) is not an allowed key, \(hint)")
        }
    }

    /// Tags as a list of `tagKey` and `tagValue`; `nil` when there are none.
    mutating func tags(_ value: JSON?, at path: String) -> JSON? {
        guard let value, !value.isNull else { return nil }
        guard let list = value.array, list.allSatisfy({ $0.object != nil }) else {
            check.refuse(at: path, sentence: "Invalid type at path \(path) for tags, expected list[dict].")
            return nil
        }
        let isKnown = list.allSatisfy { $0.object?.keys.allSatisfy { ["tagKey", "tagValue"].contains($0) } == true }
        guard isKnown else {
            check.refuse(
                at: path == "root" ? "tags" : "\(path).tags",
                sentence: "Parameter validation failed: Tag keys must be one of: 'tagKey', 'tagValue'"
            )
            return nil
        }
        checkValues(["tags": value], "TagResource", at: path == "root" ? "" : path)
        return value
    }

    // MARK: Upkeep

    mutating func maximumAge(_ value: JSON?, at path: String) -> TimeSpan? {
        guard let text = text(value, at: path) else { return nil }
        guard let age = TimeSpan(text) else {
            check.refuse(path, "\"\(text)\" is not a length of time, write one such as \"1 day\"")
            return nil
        }
        return age
    }

    mutating func schedules(_ value: JSON?, known: [String], at path: String) -> [String: String] {
        guard let value, !value.isNull, let members = object(value, at: path) else { return [:] }
        checkKeys(members, known, at: path)
        var schedules: [String: String] = [:]
        for key in known { schedules[key] = schedule(members[key], at: "\(path).\(key)") }
        return schedules
    }

    mutating func schedule(_ value: JSON?, at path: String) -> String? {
        guard let text = text(value, at: path), text != MaintenanceFile.deletedSchedule else { return nil }
        if let fault = ConfigurationReader.scheduleFault(text) { check.refuse(at: path, sentence: fault) }
        return text
    }

    mutating func text(_ value: JSON?, at path: String) -> String? {
        guard let value, !value.isNull else { return nil }
        if let text = value.string { return text }
        check.refuse(at: path, sentence: "unexpected type at path \(path), expected string")
        return nil
    }
}

// MARK: - Requests

extension MaintenanceReading {
    /// The request of an operation, checked but for what the pipeline itself adds.
    mutating func request(
        _ value: JSON,
        of operation: String,
        at path: String,
        given: JSON = ["datasetGroupArn": given("dataset-group/given")]
    ) -> JSON {
        let known = PersonalizeService.members(of: operation).filter { given[$0] == nil }
        let members = value.object ?? [:]
        for key in members.keys where !known.contains(key) {
            let hint = ConfigurationReader.hint(key, members, known: known)
            check.refuse(
                at: path,
                sentence: "Parameter validation failed: Unknown parameter in input: \"\(key)\", must be one of: "
                    + "\(known.joined(separator: ", ")), \(hint)"
            )
        }
        var input = JSONObject(members.filter { known.contains($0.key) }.map { ($0.key, $0.value) })
        let request = JSON.object(input)
        for (key, value) in given.object ?? [:] { input[key] = value }
        for fault in PersonalizeService.faults(in: .object(input), of: operation) { refuse(fault, request, at: path) }
        return request
    }

    /// Checks some members of a request, whatever is missing.
    mutating func checkValues(_ value: JSON, _ operation: String, at path: String) {
        for fault in PersonalizeService.faults(in: value, of: operation) where fault.value != nil {
            refuse(fault, value, at: path)
        }
    }

    mutating func refuseMissing(_ parameter: String, at path: String) {
        check.refuse(
            at: path,
            sentence: "Parameter validation failed: Missing required parameter in input: \"\(parameter)\""
        )
    }

    /// A fault of a request in botocore's words, where botocore has some.
    mutating func refuse(_ fault: InputFault, _ request: JSON, at path: String) {
        guard let value = fault.value else { return refuseMissing(fault.path, at: path) }
        let place = ConfigurationReader.join(path, fault.path)
        let words = fault.constraint.split(separator: " ")
        let number = words.last.flatMap { Int($0) }
        let start = "Parameter validation failed: Invalid"
        if let type = Self.pythonTypes[fault.constraint] {
            let given = request[fault.path].map(Self.pythonType) ?? "str"
            check.refuse(
                at: place,
                sentence: "\(start) type for parameter \(fault.path), value: \(value), type: <class '\(given)'>, "
                    + "valid types: <class '\(type)'>"
            )
        } else if fault.constraint.contains("length greater than or equal"), let number {
            check.refuse(
                at: place,
                sentence: "\(start) length for parameter \(fault.path), value: \(value.count), "
                    + "valid min length: \(number)"
            )
        } else if fault.constraint.contains("greater than or equal"), let number {
            check.refuse(
                at: place,
                sentence: "\(start) value for parameter \(fault.path), value: \(value), valid min value: \(number)"
            )
        } else {
            check.refuse(place, "\"\(value)\" \(fault.constraint.replacing("Member must", with: "must"))")
        }
    }

    static let pythonTypes = [
        "Member must be a string": "str", "Member must be an integer": "int", "Member must be a boolean": "bool",
        "Member must be a list": "list", "Member must be an object": "dict", "Member must be a number": "float",
    ]

    static func pythonType(_ value: JSON) -> String {
        switch value {
        case .null: "NoneType"
        case .bool: "bool"
        case .integer: "int"
        case .double, .decimal: "float"
        case .string: "str"
        case .array: "list"
        case .object: "dict"
        }
    }

    static func quoted(_ names: [String]) -> String {
        "[\(names.map { "'\($0)'" }.joined(separator: ", "))]"
    }
}
