public import JSON
import StatesLanguage
import Synchronization

/// What `CreateStateMachine` takes.
public struct CreateStateMachineRequest: Sendable, Equatable {
    /// The name; unique in the account.
    public var name: String
    /// The definition, as JSON text.
    public var definition: String
    /// The role; kept, never assumed.
    public var roleArn: String
    /// `STANDARD` or `EXPRESS`.
    public var type: String
    /// `loggingConfiguration`, `tracingConfiguration`, `encryptionConfiguration`; kept and shown.
    public var options: JSON
    /// Tags to put on it.
    public var tags: [Tag]
    /// Whether its first version is published.
    public var publishes: Bool
    /// What to say about that version.
    public var versionDescription: String?

    /// A request of all its parts.
    public init(
        name: String,
        definition: String,
        roleArn: String = "arn:aws:iam::000000000000:role/millrace",
        type: String = "STANDARD",
        options: JSON = .object(JSONObject()),
        tags: [Tag] = [],
        publishes: Bool = false,
        versionDescription: String? = nil
    ) {
        self.name = name
        self.definition = definition
        self.roleArn = roleArn
        self.type = type
        self.options = options
        self.tags = tags
        self.publishes = publishes
        self.versionDescription = versionDescription
    }
}

/// What `UpdateStateMachine` takes beside the ARN; what is `nil` stays as it is.
public struct UpdateStateMachineRequest: Sendable, Equatable {
    /// The new definition, as JSON text.
    public var definition: String?
    /// The new role.
    public var roleArn: String?
    /// Configurations to replace, by name.
    public var options: JSON
    /// Whether the revision is published as a version.
    public var publishes: Bool
    /// What to say about that version.
    public var versionDescription: String?

    /// A request of all its parts.
    public init(
        definition: String? = nil,
        roleArn: String? = nil,
        options: JSON = .object(JSONObject()),
        publishes: Bool = false,
        versionDescription: String? = nil
    ) {
        self.definition = definition
        self.roleArn = roleArn
        self.options = options
        self.publishes = publishes
        self.versionDescription = versionDescription
    }
}

extension Engine {
    /// Creates a state machine; the same request twice creates one.
    ///
    /// Requests are the same that have the same definition, type and configurations; another role or other tags do
    /// not matter and change nothing.
    ///
    /// - Parameter request: Name, definition, role and options.
    /// - Returns: The state machine.
    /// - Throws: As `store(_:)`.
    public func createStateMachine(_ request: CreateStateMachineRequest) async throws(ExecutionError) -> StateMachine {
        try await store(request).machine
    }

    /// Creates a state machine as `createStateMachine` does, and says which version was published.
    ///
    /// - Parameter request: Name, definition, role and options.
    /// - Returns: The state machine, and the version if one was asked for.
    /// - Throws: `InvalidName`, `InvalidDefinition` with every fault, `InvalidLoggingConfiguration`,
    ///   `StateMachineTypeNotSupported`, `TooManyTags`, `ValidationException`, `StateMachineDeleting`, and `StateMachineAlreadyExists` for a name that has another
    ///   definition.
    public func store(_ request: CreateStateMachineRequest) async throws(ExecutionError) -> StoredStateMachine {
        try ResourceNames.check(name: request.name)
        try Self.check(request.publishes, request.versionDescription)
        try ResourceNames.check(role: request.roleArn)
        guard let type = StateMachineType(rawValue: request.type) else {
            throw ExecutionError(
                .stateMachineTypeNotSupported,
                "State Machine Type Not Supported: '\(request.type)'; use STANDARD or EXPRESS"
            )
        }
        _ = try LoggingConfiguration(request.options)
        _ = try Self.definition(request.definition, type: type, asking: resources)
        let machine = StateMachine(
            arn: configuration.names.stateMachine(request.name),
            name: request.name,
            type: type,
            definition: request.definition,
            roleArn: request.roleArn,
            creationDate: now,
            options: request.options
        )
        let version = versionRequest(request.publishes, request.versionDescription)
        var stored = try await saved {
            try await store.insert(machine, tags: request.tags, publishing: version)
        }
        let arn = stored.machine.arn
        guard !stored.machine.isDeleting else { throw .deleting(arn) }
        let isPublished = !request.publishes || stored.version?.description == request.versionDescription
        guard stored.machine.isSame(as: machine), isPublished, !request.publishes || stored.version != nil else {
            throw ExecutionError(.stateMachineAlreadyExists, "State Machine Already Exists: '\(arn)'")
        }
        if !request.publishes { stored.version = nil }
        return stored
    }

    /// Finds a state machine, or a version of one.
    ///
    /// - Parameter arn: Its ARN, or a version's.
    /// - Returns: The state machine in its newest revision, or in the version's.
    /// - Throws: `InvalidArn`, `StateMachineDoesNotExist`.
    public func describeStateMachine(_ arn: String) async throws(ExecutionError) -> StateMachine {
        let reference = try StateMachineReference(arn)
        guard let machine = try await saved({ try await store.stateMachine(reference.stateMachineArn) }) else {
            throw .noStateMachine(arn)
        }
        if reference.qualifier == .none { return Self.withReferences(machine) }
        guard let version = try await saved({ try await store.version(arn) }),
            var revision = try await saved({ try await store.stateMachine(revision: version.revision) })
        else { throw .noStateMachine(arn) }
        revision.arn = arn
        revision.name = machine.name
        revision.creationDate = version.creationDate
        revision.description = version.description
        revision.isDeleting = machine.isDeleting
        return Self.withReferences(revision)
    }

    /// A state machine with the variables that its states read.
    private static func withReferences(_ machine: StateMachine) -> StateMachine {
        var machine = machine
        machine.variableReferences =
            (try? definition(machine.definition, type: machine.type))?.variableReferences ?? [:]
        return machine
    }

    /// Finds the state machine of an execution, as it was when the execution began.
    ///
    /// - Parameter arn: The execution's ARN.
    /// - Returns: The state machine in the execution's revision.
    /// - Throws: `InvalidArn`, `ExecutionDoesNotExist`.
    public func describeStateMachineForExecution(_ arn: String) async throws(ExecutionError) -> StateMachine {
        let execution = try await describeExecution(arn)
        guard let machine = try await saved({ try await store.stateMachine(revision: execution.revision) }) else {
            throw .noStateMachine(execution.stateMachineArn)
        }
        guard let child = execution.mapRun else { return Self.withReferences(machine) }
        return Self.withReferences(machine.processor(of: try await describeMapRun(child.mapRunArn)))
    }

    /// Lists state machines by name.
    ///
    /// - Parameters:
    ///   - maxResults: From 0 to 1,000; 0 and `nil` stand for 100.
    ///   - nextToken: What the page before ended with.
    /// - Returns: A page.
    /// - Throws: `InvalidToken`, `ValidationException`.
    public func listStateMachines(
        maxResults: Int? = nil,
        nextToken: String? = nil
    ) async throws(ExecutionError) -> Page<StateMachine> {
        try await page("stateMachines", maxResults, nextToken) { try await store.stateMachines($0) }
    }

    /// Changes a state machine; executions under way keep the definition they began with.
    ///
    /// What changes nothing makes no revision.
    ///
    /// - Parameters:
    ///   - arn: Its ARN.
    ///   - request: What to change, and whether to publish it.
    /// - Returns: The state machine with its `revisionId`, and the version if one was asked for.
    /// - Throws: `InvalidArn`, `StateMachineDoesNotExist`, `StateMachineDeleting`, `InvalidDefinition`,
    ///   `InvalidLoggingConfiguration`, `MissingRequiredParameter`, `ValidationException`.
    public func updateStateMachine(
        _ arn: String,
        _ request: UpdateStateMachineRequest
    ) async throws(ExecutionError) -> StoredStateMachine {
        try Self.check(request.publishes, request.versionDescription)
        if let role = request.roleArn { try ResourceNames.check(role: role) }
        let hasChange =
            request.definition != nil || request.roleArn != nil || request.options.object?.isEmpty == false
        guard hasChange || request.publishes else {
            throw ExecutionError(
                .missingRequiredParameter,
                "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration "
                    + "must be specified"
            )
        }
        let old = try await describeStateMachine(StateMachineReference.unqualified(arn))
        if old.isDeleting { throw .deleting(arn) }
        _ = try LoggingConfiguration(request.options)
        if let text = request.definition { _ = try Self.definition(text, type: old.type, asking: resources) }
        let changed = revised(old, by: request)
        let version = versionRequest(request.publishes, request.versionDescription)
        guard var stored = try await saved({ try await store.update(changed, publishing: version) }) else {
            throw .noStateMachine(arn)
        }
        if !request.publishes { stored.version = nil }
        return stored
    }

    /// Changes a state machine as the request of the same parts does.
    ///
    /// - Parameters:
    ///   - arn: Its ARN.
    ///   - definition: The new definition, as JSON text; `nil` leaves it.
    ///   - roleArn: The new role; `nil` leaves it.
    ///   - options: Configurations to replace, by name.
    /// - Returns: The state machine with its `revisionId`.
    /// - Throws: As for a request.
    public func updateStateMachine(
        _ arn: String,
        definition: String? = nil,
        roleArn: String? = nil,
        options: JSON = .object(JSONObject())
    ) async throws(ExecutionError) -> StateMachine {
        let request = UpdateStateMachineRequest(definition: definition, roleArn: roleArn, options: options)
        return try await updateStateMachine(arn, request).machine
    }

    /// Deletes a state machine with its versions, aliases and tags; its executions stay and go on.
    ///
    /// While executions of it run it is there, being deleted. Deleting what does not exist does nothing.
    ///
    /// - Parameter arn: Its ARN.
    /// - Throws: `InvalidArn`, `ValidationException`.
    public func deleteStateMachine(_ arn: String) async throws(ExecutionError) {
        let arn = try StateMachineReference.unqualified(arn)
        try await saved { try await store.deleteStateMachine(arn) }
    }

    private static func check(_ publishes: Bool, _ description: String?) throws(ExecutionError) {
        guard publishes || description == nil else {
            throw ExecutionError(.validation, "Version description can only be set when publish is true")
        }
    }

    private func versionRequest(_ publishes: Bool, _ description: String?) -> VersionRequest? {
        publishes ? VersionRequest(description: description, date: now) : nil
    }

    private func revised(_ old: StateMachine, by request: UpdateStateMachineRequest) -> StateMachine {
        var machine = old
        machine.definition = request.definition ?? machine.definition
        machine.roleArn = request.roleArn ?? machine.roleArn
        for (key, value) in request.options.object ?? [:] { machine.options[key] = value }
        guard !machine.isSame(as: old) || machine.roleArn != old.roleArn else { return old }
        machine.updateDate = now
        machine.revisionId = environment.makeID()
        return machine
    }
}

extension StateMachine {
    /// Whether a request for the one would have made the other.
    fileprivate func isSame(as other: StateMachine) -> Bool {
        type == other.type && definition == other.definition && configurations == other.configurations
    }
}

// MARK: - Definitions

extension Engine {
    /// A revision ready to run, from memory or the store.
    func machine(_ revision: Int64) async throws -> Machine? {
        if let machine = machines.withLock({ $0[revision] }) { return machine }
        guard let stateMachine = try await store.stateMachine(revision: revision) else { return nil }
        let machine = Machine(
            stateMachine: stateMachine,
            interpreter: interpreter(of: try Self.definition(stateMachine.definition, type: stateMachine.type)),
            logging: try LoggingConfiguration(stateMachine.options)
        )
        machines.withLock { $0.insert(machine, for: revision) }
        return machine
    }

    /// An interpreter with the engine's secret and its knowledge of activities.
    ///
    /// Causes of errors begin with the state's name, unless it is said that they do not.
    func interpreter(of definition: Definition, namesStates: Bool = true) -> Interpreter {
        var limits = configuration.transitions
        limits.namesStateInCauses = namesStates
        return Interpreter(
            definition,
            configuration: limits,
            tokenKey: tokenKey.withLock(\.self),
            hasActivity: { [weak self] arn in self?.activityARNs.withLock { $0.contains(arn) } ?? false }
        )
    }

    /// Reads a definition; throws `InvalidDefinition` with all its faults.
    ///
    /// Only new definitions are asked for their resources: one that was saved runs on, and its task fails when its
    /// resource is gone.
    static func definition(
        _ text: String,
        type: StateMachineType = .standard,
        asking resources: ResourceCatalogue? = nil
    ) throws(ExecutionError) -> Definition {
        guard text.utf8.count <= 1_048_576 else {
            throw .invalidDefinition("DEFINITION_TOO_LARGE: the definition is larger than 1 MiB")
        }
        let json: JSON
        do {
            json = try JSON(parsing: text)
        } catch {
            throw .invalidDefinition("INVALID_JSON_DESCRIPTION: \(error)")
        }
        var faults = (resources?.diagnostics(for: json) ?? []).map(\.description)
        do throws(DefinitionError) {
            let definition = try Definition(json, type: type)
            if faults.isEmpty { return definition }
        } catch {
            faults.insert(error.description, at: 0)
        }
        throw .invalidDefinition(faults.joined(separator: ", "))
    }

    /// Asks the store; what it cannot do becomes `ServiceUnavailable`.
    func saved<T: Sendable>(_ body: () async throws -> T) async throws(ExecutionError) -> T {
        do {
            return try await body()
        } catch {
            throw .translating(error)
        }
    }
}

extension ExecutionError {
    static func invalidDefinition(_ faults: String) -> ExecutionError {
        ExecutionError(.invalidDefinition, "Invalid State Machine Definition: '\(faults)'")
    }

    static func constraint(_ value: String, _ member: String, _ rule: String) -> ExecutionError {
        ExecutionError(
            .validation,
            "1 validation error detected: Value '\(value)' at '\(member)' failed to satisfy constraint: \(rule)"
        )
    }
}
