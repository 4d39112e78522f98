internal import DurableExecution
internal import JSON

extension OperationTable {
    /// Versions of state machines.
    mutating func addVersions(_ engine: Engine) {
        self["PublishStateMachineVersion"] = { input in
            let members = OperationInput(input)
            let version = try await engine.publishStateMachineVersion(
                of: members.arn("stateMachineArn"),
                revisionId: members.optionalString("revisionId"),
                description: members.optionalString("description")
            )
            return ["stateMachineVersionArn": .string(version.arn), "creationDate": version.creationDate.epochSeconds]
        }
        self["ListStateMachineVersions"] = { input in
            let members = OperationInput(input)
            let page = try await engine.listStateMachineVersions(
                of: members.arn("stateMachineArn"),
                maxResults: members.pageSize(),
                nextToken: members.pageToken()
            )
            return page.json("stateMachineVersions", \.summaryJSON)
        }
        self["DeleteStateMachineVersion"] = { input in
            try await engine.deleteStateMachineVersion(OperationInput(input).arn("stateMachineVersionArn"))
            return [:]
        }
    }

    /// Aliases of state machines.
    mutating func addAliases(_ engine: Engine) {
        self["CreateStateMachineAlias"] = { input in
            let members = OperationInput(input)
            let alias = try await engine.createStateMachineAlias(
                members.string("name"),
                description: members.optionalString("description"),
                routes: members.routes() ?? []
            )
            return ["stateMachineAliasArn": .string(alias.arn), "creationDate": alias.creationDate.epochSeconds]
        }
        self["UpdateStateMachineAlias"] = { input in
            let members = OperationInput(input)
            let alias = try await engine.updateStateMachineAlias(
                members.arn("stateMachineAliasArn"),
                description: members.optionalString("description"),
                routes: members.routes()
            )
            return ["updateDate": alias.updateDate.epochSeconds]
        }
        self["DescribeStateMachineAlias"] = { input in
            try await engine.describeStateMachineAlias(OperationInput(input).arn("stateMachineAliasArn")).json
        }
        self["ListStateMachineAliases"] = { input in
            let members = OperationInput(input)
            let page = try await engine.listStateMachineAliases(
                of: members.arn("stateMachineArn"),
                maxResults: members.pageSize(),
                nextToken: members.pageToken()
            )
            return page.json("stateMachineAliases", \.summaryJSON)
        }
        self["DeleteStateMachineAlias"] = { input in
            try await engine.deleteStateMachineAlias(OperationInput(input).arn("stateMachineAliasArn"))
            return [:]
        }
    }

    /// Tags of state machines and activities.
    mutating func addTags(_ engine: Engine) {
        self["TagResource"] = { input in
            let members = OperationInput(input)
            try await engine.add(members.tags("tags"), to: members.arn("resourceArn"))
            return [:]
        }
        self["UntagResource"] = { input in
            let members = OperationInput(input)
            try await engine.removeTags(members.strings("tagKeys"), from: members.arn("resourceArn"))
            return [:]
        }
        self["ListTagsForResource"] = { input in
            let tags = try await engine.tags(of: OperationInput(input).arn("resourceArn"))
            return ["tags": .array(tags.map(\.json))]
        }
    }
}

extension OperationInput {
    /// How many elements a page has at most; 0 stands for the service's own number.
    func pageSize() throws(WireError) -> Int? { try optionalInt("maxResults", in: 0...1000) }

    /// What the page before ended with.
    func pageToken() throws(WireError) -> String? { try optionalString("nextToken") }

    /// Tags; of two with one key the last counts.
    func tags(_ key: String) throws(WireError) -> [Tag] {
        (json(key)?.array ?? []).map { Tag(key: $0["key"]?.string ?? "", value: $0["value"]?.string ?? "") }
    }

    fileprivate func routes() throws(WireError) -> [StateMachineAlias.Route]? {
        json("routingConfiguration")?.array?.map {
            StateMachineAlias.Route(
                versionArn: $0["stateMachineVersionArn"]?.string ?? "",
                weight: $0["weight"]?.int ?? 0
            )
        }
    }
}
