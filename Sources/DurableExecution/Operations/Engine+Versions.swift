import StatesLanguage

extension Engine {
    /// Publishes the current revision of a state machine; one revision is one version however often it is published.
    ///
    /// - Parameters:
    ///   - arn: The state machine's ARN.
    ///   - revisionId: The revision that is meant, `INITIAL` for one that has no id; `nil` for the current one.
    ///   - description: What to say about the version.
    /// - Returns: The version.
    /// - Throws: `InvalidArn`, `StateMachineDoesNotExist`, `StateMachineDeleting`, `ValidationException`,
    ///   `ServiceQuotaExceededException`, and `ConflictException` when the current revision is another.
    public func publishStateMachineVersion(
        of arn: String,
        revisionId: String? = nil,
        description: String? = nil
    ) async throws(ExecutionError) -> StateMachineVersion {
        let arn = try StateMachineReference.unqualified(arn)
        let request = VersionRequest(revisionId: revisionId, description: description, date: now)
        return try await saved { try await store.publish(request, of: arn) }
    }

    /// Lists the versions of a state machine, newest first.
    ///
    /// - Parameters:
    ///   - arn: The state machine's ARN.
    ///   - maxResults: From 0 to 1,000; 0 and `nil` stand for 100.
    ///   - nextToken: What the page before ended with.
    /// - Returns: A page.
    /// - Throws: `InvalidArn`, `InvalidToken`, `ValidationException`.
    public func listStateMachineVersions(
        of arn: String,
        maxResults: Int? = nil,
        nextToken: String? = nil
    ) async throws(ExecutionError) -> Page<StateMachineVersion> {
        let arn = try StateMachineReference.unqualified(arn)
        return try await page("versions \(arn)", maxResults, nextToken) { try await store.versions(of: arn, $0) }
    }

    /// Deletes a version; executions of it go on.
    ///
    /// Deleting what does not exist does nothing.
    ///
    /// - Parameter arn: The version's ARN.
    /// - Throws: `InvalidArn`, and `ConflictException` when an alias refers to it.
    public func deleteStateMachineVersion(_ arn: String) async throws(ExecutionError) {
        let reference = try StateMachineReference.version(arn)
        try await saved { try await store.deleteVersion(reference.arn) }
    }
}

extension Engine {
    /// Refuses what is no state machine, version or alias that there is, with `StateMachineDoesNotExist`, and what
    /// keeps no executions, with `StateMachineTypeNotSupported`.
    func checkHasExecutions(_ arn: String) async throws(ExecutionError) {
        let reference = try StateMachineReference(arn)
        let machine = try await saved { try await store.stateMachine(reference.stateMachineArn) }
        let isThere = try await saved {
            switch reference.qualifier {
            case .none: true
            case .version: try await store.version(arn) != nil
            case .alias: try await store.alias(arn) != nil
            }
        }
        guard let machine, isThere else { throw .noStateMachine(arn) }
        guard machine.type == .standard else { throw .unsupportedType }
    }
}

// MARK: - What an ARN stands for

extension Engine {
    /// What an execution is started from.
    struct Target: Sendable {
        var machine: StateMachine
        var versionArn: String?
        var aliasArn: String?
    }

    /// Finds the revision that an execution of an ARN would run; of an alias with two versions, by chance.
    ///
    /// - Throws: `InvalidArn`, `StateMachineDoesNotExist`, `StateMachineDeleting`.
    func target(of arn: String) async throws(ExecutionError) -> Target {
        let reference = try StateMachineReference(arn)
        guard var machine = try await saved({ try await store.stateMachine(reference.stateMachineArn) }) else {
            throw .noStateMachine(arn)
        }
        guard !machine.isDeleting else { throw .deleting(machine.arn) }
        var target = Target(machine: machine)
        switch reference.qualifier {
        case .none: return target
        case .version: target.versionArn = arn
        case .alias:
            guard let alias = try await saved({ try await store.alias(arn) }) else { throw .noStateMachine(arn) }
            target.aliasArn = arn
            target.versionArn = alias.version(at: Int(environment.makeSeed() % 100))
        }
        let versionArn = target.versionArn ?? arn
        guard let version = try await saved({ try await store.version(versionArn) }),
            let revision = try await saved({ try await store.stateMachine(revision: version.revision) })
        else { throw .noStateMachine(arn) }
        machine = revision
        target.machine = machine
        return target
    }
}
