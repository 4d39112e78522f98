public import FoundationEssentials
public import JSON

/// A name for one version of a state machine, or for two between which chance decides by weight.
public struct StateMachineAlias: Sendable, Equatable {
    /// A version and how many of a hundred executions it gets.
    public struct Route: Sendable, Equatable {
        /// The version's ARN.
        public var versionArn: String
        /// From 0 to 100; those of an alias make 100.
        public var weight: Int

        /// A route of both its parts.
        public init(versionArn: String, weight: Int) {
            self.versionArn = versionArn
            self.weight = weight
        }

        var json: JSON { ["stateMachineVersionArn": .string(versionArn), "weight": JSON(weight)] }
    }

    /// Its ARN: the state machine's with the name behind it.
    public var arn: String
    /// The state machine's ARN.
    public var stateMachineArn: String
    /// Its name, unique in the state machine.
    public var name: String
    /// What its maker said about it.
    public var description: String?
    /// One route, or two.
    public var routes: [Route]
    /// When it was created.
    public var creationDate: Date
    /// When it was last changed.
    public var updateDate: Date

    /// An alias of all its parts.
    public init(
        stateMachineArn: String,
        name: String,
        description: String?,
        routes: [Route],
        creationDate: Date,
        updateDate: Date? = nil
    ) {
        arn = "\(stateMachineArn):\(name)"
        self.stateMachineArn = stateMachineArn
        self.name = name
        self.description = description
        self.routes = routes
        self.creationDate = creationDate
        self.updateDate = updateDate ?? creationDate
    }
}

extension StateMachineAlias {
    /// The version for an execution, by chance: a number from 0 to 99.
    func version(at chance: Int) -> String {
        var bound = 0
        for route in routes {
            bound += route.weight
            if chance < bound { return route.versionArn }
        }
        preconditionFailure("the weights of alias \"\(arn)\" do not make 100")
    }

    /// The answer of `DescribeStateMachineAlias`.
    public var json: JSON {
        var json: JSON = [
            "stateMachineAliasArn": .string(arn), "name": .string(name),
            "routingConfiguration": .array(routes.map(\.json)), "creationDate": creationDate.json,
            "updateDate": updateDate.json,
        ]
        if let description { json["description"] = .string(description) }
        return json
    }

    /// The element of `ListStateMachineAliases`.
    public var summaryJSON: JSON {
        ["stateMachineAliasArn": .string(arn), "creationDate": creationDate.json]
    }
}
