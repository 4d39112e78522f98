extension Engine {
    /// Creates an alias of the state machine that the routes' versions belong to; the same request twice creates one.
    ///
    /// - Parameters:
    ///   - name: Its name; unique in the state machine.
    ///   - description: What to say about it.
    ///   - routes: One version, or two; their weights make 100.
    /// - Returns: The alias.
    /// - Throws: `ValidationException`, `InvalidArn`, `ResourceNotFound`, `StateMachineDeleting`,
    ///   `ServiceQuotaExceededException`, and `ConflictException` for a name that has other routes.
    public func createStateMachineAlias(
        _ name: String,
        description: String? = nil,
        routes: [StateMachineAlias.Route]
    ) async throws(ExecutionError) -> StateMachineAlias {
        let arn = try await stateMachine(of: routes)
        let alias = StateMachineAlias(
            stateMachineArn: arn,
            name: name,
            description: description,
            routes: routes,
            creationDate: now
        )
        let stored = try await saved { try await store.insert(alias) }
        guard stored.routes == routes, stored.description == description else {
            throw ExecutionError(
                .conflict,
                "Failed to create alias because an alias with the same name and a different routing configuration "
                    + "already exists."
            )
        }
        return stored
    }

    /// Changes where an alias leads, or what is said about it.
    ///
    /// - Parameters:
    ///   - arn: The alias's ARN.
    ///   - description: What to say about it; `nil` leaves it.
    ///   - routes: Its routes; `nil` leaves them.
    /// - Returns: The alias.
    /// - Throws: `ValidationException`, `InvalidArn`, `ResourceNotFound`, `StateMachineDeleting`.
    public func updateStateMachineAlias(
        _ arn: String,
        description: String? = nil,
        routes: [StateMachineAlias.Route]? = nil
    ) async throws(ExecutionError) -> StateMachineAlias {
        var alias = try await describeStateMachineAlias(arn)
        guard description != nil || routes != nil else {
            throw ExecutionError(
                .validation,
                "Either the description or the routing configuration must be specified",
                reason: "MISSING_REQUIRED_PARAMETER"
            )
        }
        if let routes {
            guard try await stateMachine(of: routes) == alias.stateMachineArn else {
                throw Self.wrongRoutes("Routing configuration must contain state machine version ARNs", routes)
            }
            alias.routes = routes
        }
        alias.description = description ?? alias.description
        alias.updateDate = now
        let changed = alias
        try await saved { try await store.update(changed) }
        return changed
    }

    /// Finds an alias.
    ///
    /// - Parameter arn: Its ARN.
    /// - Returns: The alias.
    /// - Throws: `InvalidArn`, `ResourceNotFound`.
    public func describeStateMachineAlias(_ arn: String) async throws(ExecutionError) -> StateMachineAlias {
        let reference = try StateMachineReference.alias(arn)
        guard let alias = try await saved({ try await store.alias(reference.arn) }) else { throw .missingReference }
        return alias
    }

    /// Lists the aliases of a state machine, or of one version, oldest first.
    ///
    /// - Parameters:
    ///   - arn: The state machine's ARN, or a version's.
    ///   - maxResults: From 0 to 1,000; 0 and `nil` stand for 100.
    ///   - nextToken: What the page before ended with.
    /// - Returns: A page.
    /// - Throws: `InvalidArn`, `InvalidToken`, `StateMachineDoesNotExist`, `StateMachineDeleting`.
    public func listStateMachineAliases(
        of arn: String,
        maxResults: Int? = nil,
        nextToken: String? = nil
    ) async throws(ExecutionError) -> Page<StateMachineAlias> {
        let reference = try StateMachineReference(arn)
        if case .alias = reference.qualifier { throw ExecutionError(.invalidArn, "Invalid Arn: '\(arn)'") }
        guard let machine = try await saved({ try await store.stateMachine(reference.stateMachineArn) }) else {
            throw .noStateMachine(arn)
        }
        if machine.isDeleting { throw .deleting(machine.arn) }
        let version = reference.qualifier == .none ? nil : arn
        return try await page("aliases \(arn)", maxResults, nextToken) {
            try await store.aliases(of: reference.stateMachineArn, version: version, $0)
        }
    }

    /// Deletes an alias; executions that were started by it go on.
    ///
    /// Deleting what does not exist does nothing.
    ///
    /// - Parameter arn: Its ARN.
    /// - Throws: `InvalidArn`.
    public func deleteStateMachineAlias(_ arn: String) async throws(ExecutionError) {
        let reference = try StateMachineReference.alias(arn)
        try await saved { try await store.deleteAlias(reference.arn) }
    }
}

// MARK: - Routes

extension Engine {
    /// Checks routes, and returns the ARN of the state machine they belong to.
    private func stateMachine(of routes: [StateMachineAlias.Route]) async throws(ExecutionError) -> String {
        guard Set(routes.map(\.versionArn)).count == routes.count else {
            throw Self.wrongRoutes("Routing configuration must contain distinct state machine version ARNs", routes)
        }
        let sum = routes.reduce(0) { $0 + $1.weight }
        guard sum == 100 else {
            let weights = routes.map { String($0.weight) }.joined(separator: ", ")
            throw ExecutionError(
                .validation,
                "Sum of routing configuration weights must equal 100. Received: [\(weights)]",
                reason: "INVALID_ROUTING_CONFIGURATION"
            )
        }
        var machines: Set<String> = []
        for route in routes {
            let reference = try StateMachineReference(route.versionArn)
            guard case .version = reference.qualifier else {
                throw Self.wrongRoutes("Routing configuration must contain state machine version ARNs", routes)
            }
            machines.insert(reference.stateMachineArn)
        }
        guard let arn = machines.first, machines.count == 1 else {
            throw Self.wrongRoutes(
                "Routing configuration must contain state machine version ARNs of one state machine",
                routes
            )
        }
        guard let machine = try await saved({ try await store.stateMachine(arn) }) else { throw .missingReference }
        if machine.isDeleting { throw .deleting(arn) }
        return arn
    }

    private static func wrongRoutes(_ fact: String, _ routes: [StateMachineAlias.Route]) -> ExecutionError {
        let arns = routes.map(\.versionArn).joined(separator: ", ")
        let message = "\(fact). Received: [\(arns)]"
        return ExecutionError(.validation, message, reason: "INVALID_ROUTING_CONFIGURATION")
    }
}
