internal import FoundationEssentials
internal import JSON
public import Scheduler
internal import Shapes

/// An operation of EventBridge Scheduler, as its door and the manual know it.
public struct SchedulerOperation: Sendable {
    /// Its name.
    public let name: String
    /// The method it is called with.
    public let method: String
    /// The path it is called at, with members in braces.
    public let path: String
    /// What is more, less or other than on AWS; empty where nothing is.
    public let note: String
    let query: [RESTRoute.QueryMember]

    private init(
        _ name: String,
        _ method: String,
        _ path: String,
        query: [RESTRoute.QueryMember] = [],
        note: String = ""
    ) {
        self.name = name
        self.method = method
        self.path = path
        self.query = query
        self.note = note
    }

    private static let page: [RESTRoute.QueryMember] = [
        .init("MaxResults", .integer), .init("NamePrefix"), .init("NextToken"),
    ]
    private static let token = RESTRoute.QueryMember("ClientToken", named: "clientToken")
    private static let group = RESTRoute.QueryMember("GroupName", named: "groupName")

    /// All 12, by name.
    public static let all: [SchedulerOperation] = [
        .init(
            "CreateSchedule",
            "POST",
            "/schedules/{Name}",
            note: "targets are state machines, `aws-sdk:sfn:startExecution` and the pipeline; "
                + "`KmsKeyArn`, `RoleArn` and `DeadLetterConfig` are kept, a notice tells of what did not start"
        ),
        .init("CreateScheduleGroup", "POST", "/schedule-groups/{Name}"),
        .init("DeleteSchedule", "DELETE", "/schedules/{Name}", query: [token, group]),
        .init("DeleteScheduleGroup", "DELETE", "/schedule-groups/{Name}", query: [token], note: "at once"),
        .init("GetSchedule", "GET", "/schedules/{Name}", query: [group], note: "those of `params.json` too"),
        .init("GetScheduleGroup", "GET", "/schedule-groups/{Name}"),
        .init(
            "ListScheduleGroups",
            "GET",
            "/schedule-groups",
            query: page,
            note: "a dataset group's schedules are one"
        ),
        .init(
            "ListSchedules",
            "GET",
            "/schedules",
            query: page + [.init("GroupName", named: "ScheduleGroup"), .init("State")]
        ),
        .init("ListTagsForResource", "GET", "/tags/{ResourceArn}"),
        .init("TagResource", "POST", "/tags/{ResourceArn}"),
        .init("UntagResource", "DELETE", "/tags/{ResourceArn}", query: [.init("TagKeys", .list)]),
        .init(
            "UpdateSchedule",
            "PUT",
            "/schedules/{Name}",
            note: "what `Millrace.CreateSchedule` says of overlap, catching up and grace stays"
        ),
    ]
}

extension RESTRoute {
    /// The door of a table's operations of EventBridge Scheduler.
    public static func scheduler(_ table: OperationTable) -> [RESTRoute] {
        SchedulerOperation.all.compactMap { operation in
            guard let handler = table[operation.name] else { return nil }
            var route = RESTRoute(operation.method, operation.path, query: operation.query, handler)
            route.refusal = { WireError("ValidationException", $0, details: ["Message": .string($0)]) }
            return route
        }
    }
}

extension OperationTable {
    /// `scheduler`: the operations of EventBridge Scheduler, which are called by method and path.
    ///
    /// - Parameters:
    ///   - service: The schedules.
    ///   - region: The region in ARNs.
    ///   - account: The account in ARNs.
    /// - Returns: The table.
    public static func scheduler(_ service: SchedulerService, region: String, account: String) -> OperationTable {
        var table = OperationTable(service: "scheduler", protocol: .restJSON)
        let wire = SchedulerWire(service: service, region: region, account: account)
        table["CreateSchedule"] = wire.createSchedule
        table["UpdateSchedule"] = wire.updateSchedule
        table["GetSchedule"] = wire.getSchedule
        table["DeleteSchedule"] = wire.deleteSchedule
        table["ListSchedules"] = wire.listSchedules
        table["CreateScheduleGroup"] = wire.createGroup
        table["GetScheduleGroup"] = wire.getGroup
        table["DeleteScheduleGroup"] = wire.deleteGroup
        table["ListScheduleGroups"] = wire.listGroups
        table["TagResource"] = wire.tag
        table["UntagResource"] = wire.untag
        table["ListTagsForResource"] = wire.listTags
        for (name, shape) in SchedulerShapes.inputs {
            guard let handler = table[name] else { continue }
            table[name] = { input in
                do {
                    try shape.check(input)
                    return try await handler(input)
                } catch {
                    guard let visible = WireErrors.visible(error) else { throw error }
                    // The model's exceptions have a member "Message".
                    throw WireError(visible.code, visible.message, details: ["Message": .string(visible.message)])
                }
            }
        }
        return table
    }
}

extension Shape {
    /// Throws all that is wrong with an input; the service writes members with a small first letter then.
    fileprivate func check(_ input: JSON) throws(WireError) {
        let found = faults(in: input)
        if let fault = found.typeFaults.first {
            throw WireError("ValidationException", "\(Self.place(fault.path)) must be \(fault.expected)")
        }
        guard !found.faults.isEmpty else { return }
        let texts = found.faults.map { fault in
            fault.description.replacing("at '\(fault.path)'", with: "at '\(Self.place(fault.path))'")
        }
        let heading = "\(texts.count) validation error\(texts.count == 1 ? "" : "s") detected: "
        throw WireError("ValidationException", heading + texts.joined(separator: "; "))
    }

    private static func place(_ path: String) -> String {
        path.split(separator: ".").map { $0.prefix(1).lowercased() + $0.dropFirst() }.joined(separator: ".")
    }
}

/// The operations of EventBridge Scheduler between their members and the schedules.
private struct SchedulerWire: Sendable {
    let service: SchedulerService
    let region: String
    let account: String

    // MARK: Schedules

    func createSchedule(_ input: JSON) async throws -> JSON {
        let members = OperationInput(input)
        let definition = try members.definition(overlap: .allow)
        let request = service.request(
            token: try members.optionalString("ClientToken"),
            text: "CreateSchedule \(input.canonicalText)"
        )
        let state = try members.optionalCase("State", of: Schedule.State.self)
        return scheduleARN(try await service.create(definition, state: state, for: request).key)
    }

    func updateSchedule(_ input: JSON) async throws -> JSON {
        let members = OperationInput(input)
        let definition = try members.definition(overlap: .allow)
        let request = service.request(
            token: try members.optionalString("ClientToken"),
            text: "UpdateSchedule \(input.canonicalText)"
        )
        // What an update does not say is as if never said.
        let state = try members.optionalCase("State", of: Schedule.State.self) ?? .enabled
        return scheduleARN(try await service.update(definition, state: state, for: request).key)
    }

    func getSchedule(_ input: JSON) async throws -> JSON {
        let schedule = try await service.schedule(OperationInput(input).key())
        let definition = schedule.definition
        var json = summary(schedule)
        json["Target"] = target(definition.target)
        json["ScheduleExpression"] = .string(definition.expression.text)
        json["ScheduleExpressionTimezone"] = .string(definition.timeZone)
        json["ActionAfterCompletion"] = .string(definition.completion.rawValue)
        json["FlexibleTimeWindow"] =
            definition.flexibleMinutes.map { ["Mode": "FLEXIBLE", "MaximumWindowInMinutes": JSON($0)] } ?? [
                "Mode": "OFF"
            ]
        if let date = definition.startDate { json["StartDate"] = date.epochSeconds }
        if let date = definition.endDate { json["EndDate"] = date.epochSeconds }
        if let text = definition.description { json["Description"] = .string(text) }
        if let arn = definition.kmsKeyARN { json["KmsKeyArn"] = .string(arn) }
        return json
    }

    func deleteSchedule(_ input: JSON) async throws -> JSON {
        let members = OperationInput(input)
        let request = service.request(
            token: try members.optionalString("ClientToken"),
            text: "DeleteSchedule \(input.canonicalText)"
        )
        try await service.delete(members.key(), for: request)
        return [:]
    }

    func listSchedules(_ input: JSON) async throws -> JSON {
        let members = OperationInput(input)
        let query = ScheduleQuery(
            groupName: try members.optionalString("GroupName"),
            namePrefix: try members.optionalString("NamePrefix") ?? "",
            state: try members.optionalCase("State", of: Schedule.State.self)
        )
        let page = try PageTurn(
            members,
            of: "schedules \(query.groupName ?? "") \(query.namePrefix) \(query.state?.rawValue ?? "")"
        )
        let last = page.last.map { Schedule.Key(name: $0.last ?? "", groupName: $0.first ?? "") }
        let found = try await service.schedules(query, after: last, limit: page.size + 1)
        return page.answer("Schedules", found.map { (summary($0), [$0.key.groupName, $0.key.name]) })
    }

    private func scheduleARN(_ key: Schedule.Key) -> JSON {
        ["ScheduleArn": .string(key.arn(region: region, account: account))]
    }

    private func summary(_ schedule: Schedule) -> JSON {
        [
            "Arn": .string(schedule.key.arn(region: region, account: account)), "Name": .string(schedule.key.name),
            "GroupName": .string(schedule.key.groupName), "State": .string(schedule.state.rawValue),
            "CreationDate": schedule.createdAt.epochSeconds, "LastModificationDate": schedule.modifiedAt.epochSeconds,
            "Target": ["Arn": .string(schedule.definition.target.wireARN)],
        ]
    }

    private func target(_ target: ScheduleDefinition.Target) -> JSON {
        let isStateMachine = target.kind == ScheduleDefinition.Target.stateMachineKind
        let policy = target.retryPolicy ?? (isStateMachine ? .init() : nil)
        return .present([
            "Arn": .string(target.wireARN),
            "RoleArn": .string(target.roleARN ?? "arn:aws:iam::\(account):role/PersonalizeRole"),
            "Input": isStateMachine ? target.input["input"] : .string(target.input.text),
            "RetryPolicy": policy.map { policy in
                [
                    "MaximumRetryAttempts": JSON(policy.maximumAttempts),
                    "MaximumEventAgeInSeconds": JSON(policy.maximumAge),
                ]
            },
            "DeadLetterConfig": target.deadLetterARN.map { ["Arn": .string($0)] },
        ])
    }

    // MARK: Groups

    func createGroup(_ input: JSON) async throws -> JSON {
        let members = OperationInput(input)
        let text = "CreateScheduleGroup \(input.canonicalText)"
        let request = service.request(token: try members.optionalString("ClientToken"), text: text)
        let group = try await service.createGroup(members.string("Name"), tags: Self.tags(input), for: request)
        return ["ScheduleGroupArn": .string(groupARN(group.name))]
    }

    func getGroup(_ input: JSON) async throws -> JSON {
        group(try await service.group(OperationInput(input).string("Name")))
    }

    func deleteGroup(_ input: JSON) async throws -> JSON {
        let members = OperationInput(input)
        let text = "DeleteScheduleGroup \(input.canonicalText)"
        let request = service.request(token: try members.optionalString("ClientToken"), text: text)
        try await service.deleteGroup(members.string("Name"), for: request)
        return [:]
    }

    func listGroups(_ input: JSON) async throws -> JSON {
        let members = OperationInput(input)
        let prefix = try members.optionalString("NamePrefix") ?? ""
        let page = try PageTurn(members, of: "groups \(prefix)")
        let found = try await service.groups(prefix: prefix, after: page.last?.first, limit: page.size + 1)
        return page.answer("ScheduleGroups", found.map { (group($0), [$0.name]) })
    }

    private func groupARN(_ name: String) -> String { "arn:aws:scheduler:\(region):\(account):schedule-group/\(name)" }

    private func group(_ group: ScheduleGroup) -> JSON {
        [
            "Arn": .string(groupARN(group.name)), "Name": .string(group.name), "State": "ACTIVE",
            "CreationDate": group.createdAt.epochSeconds, "LastModificationDate": group.modifiedAt.epochSeconds,
        ]
    }

    // MARK: Tags

    func tag(_ input: JSON) async throws -> JSON {
        try await service.addTags(Self.tags(input), toGroup: groupName(input))
        return [:]
    }

    func untag(_ input: JSON) async throws -> JSON {
        try await service.removeTags(OperationInput(input).strings("TagKeys"), fromGroup: groupName(input))
        return [:]
    }

    func listTags(_ input: JSON) async throws -> JSON {
        let tags = try await service.group(groupName(input)).tags
        return ["Tags": .array(tags.map { ["Key": .string($0.key), "Value": .string($0.value)] })]
    }

    private static func tags(_ input: JSON) -> [ScheduleGroup.Tag] {
        (input["Tags"]?.array ?? []).map { .init(key: $0["Key"]?.string ?? "", value: $0["Value"]?.string ?? "") }
    }

    /// The group that an ARN names; one of another region or account is not there.
    private func groupName(_ input: JSON) throws -> String {
        let arn = try OperationInput(input).string("ResourceArn")
        let name = String(arn.split(separator: "/").last ?? "")
        guard arn == groupARN(name) else { throw WireError("ResourceNotFoundException", "\"\(arn)\" does not exist") }
        return name
    }
}

/// Where a list goes on, and how much of it is told.
private struct PageTurn {
    let size: Int
    /// The key of the last element before.
    let last: [String]?
    private let list: String

    /// Reads `MaxResults` and `NextToken`; a token of another list is refused.
    init(_ members: OperationInput, of list: String) throws(WireError) {
        size = try members.optionalInt("MaxResults", in: 1...100) ?? 100
        self.list = list
        guard let token = try members.optionalString("NextToken") else {
            last = nil
            return
        }
        let parts =
            Data(base64Encoded: token).flatMap { try? JSON(parsing: Array($0)) }?.array?.compactMap(\.string) ?? []
        guard parts.count > 1, parts[0] == list else {
            throw WireError(
                "ValidationException",
                "Invalid NextToken: it was not given by this list, ask from its start"
            )
        }
        last = Array(parts.dropFirst())
    }

    /// The answer, of elements with their keys, of which one more than told was asked for.
    func answer(_ name: String, _ elements: [(json: JSON, key: [String])]) -> JSON {
        let told = elements.prefix(size)
        var answer: JSON = [:]
        answer[name] = .array(told.map(\.json))
        if elements.count > size, let key = told.last?.key {
            let token = JSON.array(([list] + key).map(JSON.string))
            answer["NextToken"] = .string(Data(token.utf8).base64EncodedString())
        }
        return answer
    }
}
