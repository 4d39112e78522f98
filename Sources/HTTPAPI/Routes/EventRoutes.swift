internal import JSON
public import Notifications

extension OperationTable {
    /// `AWSEvents.…`: the rules of EventBridge, and the events for them.
    public static func events(_ bus: EventBus) -> OperationTable {
        var table = OperationTable(service: "AWSEvents", protocol: .json11)
        table.addRuleWriting(bus)
        table.addRuleReading(bus)
        table.addTargets(bus)
        table["PutEvents"] = { input in try await bus.putEvents(input) }
        table["TestEventPattern"] = { input in
            let members = OperationInput(input)
            let pattern = try EventPattern(parsing: members.string("EventPattern"))
            guard let event = try? JSON(parsing: members.string("Event")), event.object != nil else {
                throw WireError("ValidationException", "Parameter Event is not valid.")
            }
            return ["Result": .bool(pattern.matches(event))]
        }
        return table
    }

    private mutating func addRuleWriting(_ bus: EventBus) {
        self["PutRule"] = { input in
            let members = OperationInput(input)
            try members.requireDefaultBus()
            if members.json("ScheduleExpression") != nil {
                throw WireError(
                    "ValidationException",
                    "Parameter ScheduleExpression is not valid. Reason: schedules are kept by the scheduler here; "
                        + "use CreateSchedule, or millrace schedules."
                )
            }
            guard let pattern = try members.optionalString("EventPattern") else {
                throw WireError(
                    "ValidationException",
                    "Parameter(s) EventPattern or ScheduleExpression must be specified."
                )
            }
            let arn = try await bus.putRule(
                members.string("Name", length: 1...64),
                pattern: pattern,
                isEnabled: members.optionalCase("State", of: RuleState.self) != .disabled,
                description: members.optionalString("Description", length: 0...512)
            )
            return ["RuleArn": .string(arn)]
        }
        self["DeleteRule"] = { input in
            let members = OperationInput(input)
            try members.requireDefaultBus()
            try await bus.deleteRule(members.string("Name"))
            return [:]
        }
        for (name, isEnabled) in [("EnableRule", true), ("DisableRule", false)] {
            self[name] = { input in
                let members = OperationInput(input)
                try members.requireDefaultBus()
                try await bus.setRule(members.string("Name"), isEnabled: isEnabled)
                return [:]
            }
        }
    }

    private mutating func addRuleReading(_ bus: EventBus) {
        self["DescribeRule"] = { input in
            let members = OperationInput(input)
            try members.requireDefaultBus()
            let rule = try await bus.rule(members.string("Name"))
            var json = rule.json
            let parts = rule.arn.split(separator: ":", omittingEmptySubsequences: false)
            json["CreatedBy"] = .string(parts.count > 4 ? String(parts[4]) : "")
            return json
        }
        self["ListRules"] = { input in
            let members = OperationInput(input)
            try members.requireDefaultBus()
            let prefix = try members.optionalString("NamePrefix") ?? ""
            let rules = try await bus.rules().filter { $0.name.hasPrefix(prefix) }
            return try members.page("Rules", of: rules.map { ($0.name, $0.json) })
        }
    }

    private mutating func addTargets(_ bus: EventBus) {
        self["PutTargets"] = { input in
            let members = OperationInput(input)
            try members.requireDefaultBus()
            try await bus.putTargets(members.targets(), of: members.string("Rule"))
            return ["FailedEntryCount": 0, "FailedEntries": []]
        }
        self["RemoveTargets"] = { input in
            let members = OperationInput(input)
            try members.requireDefaultBus()
            try await bus.removeTargets(members.strings("Ids"), of: members.string("Rule"))
            return ["FailedEntryCount": 0, "FailedEntries": []]
        }
        self["ListTargetsByRule"] = { input in
            let members = OperationInput(input)
            try members.requireDefaultBus()
            let rule = try await bus.rule(members.string("Rule"))
            return try members.page("Targets", of: rule.targets.map { ($0.id, $0.json) })
        }
    }
}

private enum RuleState: String, CaseIterable {
    case enabled = "ENABLED"
    case disabled = "DISABLED"
    case enabledWithTrails = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
}

extension OperationInput {
    /// There is one bus, `default`; it may be named by its ARN.
    fileprivate func requireDefaultBus() throws(WireError) {
        guard let name = try optionalString("EventBusName") else { return }
        guard name == "default" || name.hasSuffix(":event-bus/default") else {
            throw WireError("ResourceNotFoundException", "Event bus \(name) does not exist.")
        }
    }

    fileprivate func targets() throws(WireError) -> [EventTarget] {
        guard let values = json("Targets")?.array, !values.isEmpty else {
            throw WireError(
                "ValidationException",
                "1 validation error detected: Value null at 'targets' failed to satisfy constraint: Member must not be null"
            )
        }
        var targets: [EventTarget] = []
        for (index, value) in values.enumerated() {
            let members = OperationInput(value, at: "targets.\(index + 1).member.")
            var input: JSON = [:]
            for name in ["Input", "InputPath"] {
                if let text = try members.optionalString(name) { input[name] = .string(text) }
            }
            if try members.optionalObject("InputTransformer") != nil {
                input["InputTransformer"] = members.json("InputTransformer")
            }
            guard input.object?.count ?? 0 <= 1 else {
                throw WireError(
                    "ValidationException",
                    "Only one of Input, InputPath, or InputTransformer must be provided for target "
                        + (try members.string("Id")) + "."
                )
            }
            targets.append(EventTarget(id: try members.string("Id"), arn: try members.string("Arn"), input: input))
        }
        return targets
    }

    /// A page of elements with their names, by `Limit` and `NextToken`: the name of the last one before.
    fileprivate func page(_ key: String, of elements: [(name: String, json: JSON)]) throws(WireError) -> JSON {
        let limit = try optionalInt("Limit", in: 1...100) ?? 100
        var rest = elements[...]
        if let token = try optionalString("NextToken", length: 1...2048) {
            guard let index = elements.firstIndex(where: { $0.name == token }) else {
                throw WireError("ValidationException", "Parameter NextToken is not valid.")
            }
            rest = elements[(index + 1)...]
        }
        let page = rest.prefix(limit)
        var json: JSON = [:]
        json[key] = .array(page.map(\.json))
        if page.count < rest.count, let last = page.last { json["NextToken"] = .string(last.name) }
        return json
    }
}

extension EventRule {
    fileprivate var json: JSON {
        .present([
            "Name": .string(name), "Arn": .string(arn), "EventPattern": .string(pattern),
            "State": .string((isEnabled ? RuleState.enabled : .disabled).rawValue),
            "Description": description.map(JSON.string), "EventBusName": "default",
        ])
    }
}

extension EventTarget {
    fileprivate var json: JSON {
        var json: JSON = ["Id": .string(id), "Arn": .string(arn)]
        for (key, value) in input.object ?? [:] { json[key] = value }
        return json
    }
}
