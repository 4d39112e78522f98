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
    /// `STANDARD`.
    public var type: String
    /// `loggingConfiguration`, `tracingConfiguration`, `encryptionConfiguration`; kept and shown.
    public var options: JSON

    /// A request of all its parts.
    public init(
        name: String,
        definition: String,
        roleArn: String = "arn:aws:iam::000000000000:role/millrace",
        type: String = "STANDARD",
        options: JSON = .object(JSONObject())
    ) {
        self.name = name
        self.definition = definition
        self.roleArn = roleArn
        self.type = type
        self.options = options
    }
}

extension Engine {
    /// Creates a state machine; the same request twice creates one.
    ///
    /// - Parameter request: Name, definition, role and options.
    /// - Returns: The state machine.
    /// - Throws: `InvalidName`, `InvalidDefinition` with every fault, `StateMachineTypeNotSupported`,
    ///   `StateMachineAlreadyExists` for a name that has another definition or role.
    public func createStateMachine(_ request: CreateStateMachineRequest) async throws(ExecutionError) -> StateMachine {
        try ResourceNames.check(name: request.name)
        guard request.type == "STANDARD" else {
            throw ExecutionError(
                .stateMachineTypeNotSupported,
                "State Machine Type Not Supported: '\(request.type)'; use STANDARD"
            )
        }
        _ = try Self.definition(request.definition, asking: resources)
        let machine = StateMachine(
            arn: configuration.names.stateMachine(request.name),
            name: request.name,
            definition: request.definition,
            roleArn: request.roleArn,
            creationDate: now,
            options: request.options
        )
        let stored = try await saved { try await store.insert(machine) }
        guard stored.definition == machine.definition, stored.roleArn == machine.roleArn else {
            throw ExecutionError(.stateMachineAlreadyExists, "State Machine Already Exists: '\(stored.arn)'")
        }
        return stored
    }

    /// Finds a state machine.
    ///
    /// - Parameter arn: Its ARN.
    /// - Returns: The state machine in its newest revision.
    /// - Throws: `InvalidArn`, `StateMachineDoesNotExist`.
    public func describeStateMachine(_ arn: String) async throws(ExecutionError) -> StateMachine {
        try ResourceNames.check(arn, is: .stateMachine)
        guard let machine = try await saved({ try await store.stateMachine(arn) }) else { throw .noStateMachine(arn) }
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
        return machine
    }

    /// Lists state machines, newest first.
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
        let page = try Self.page(maxResults, nextToken, tokenLimit: 1024)
        return try await saved { try await store.stateMachines(page) }
    }

    /// Changes a state machine; executions under way keep the definition they began with.
    ///
    /// - Parameters:
    ///   - arn: Its ARN.
    ///   - definition: The new definition, as JSON text; `nil` leaves it.
    ///   - roleArn: The new role; `nil` leaves it.
    ///   - options: Options to replace, by name.
    /// - Returns: The state machine with its new `revisionId`.
    /// - Throws: `InvalidArn`, `StateMachineDoesNotExist`, `InvalidDefinition`, `MissingRequiredParameter`.
    public func updateStateMachine(
        _ arn: String,
        definition: String? = nil,
        roleArn: String? = nil,
        options: JSON = .object(JSONObject())
    ) async throws(ExecutionError) -> StateMachine {
        var machine = try await describeStateMachine(arn)
        guard definition != nil || roleArn != nil || options.object?.isEmpty == false else {
            throw ExecutionError(
                .missingRequiredParameter,
                "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration "
                    + "must be specified"
            )
        }
        if let definition { _ = try Self.definition(definition, asking: resources) }
        machine.definition = definition ?? machine.definition
        machine.roleArn = roleArn ?? machine.roleArn
        for (key, value) in options.object ?? [:] { machine.options[key] = value }
        machine.updateDate = now
        machine.revisionId = environment.makeID()
        let changed = machine
        guard let stored = try await saved({ try await store.update(changed) }) else { throw .noStateMachine(arn) }
        return stored
    }

    /// Deletes a state machine; its executions stay and go on.
    ///
    /// Deleting what does not exist does nothing.
    ///
    /// - Parameter arn: Its ARN.
    /// - Throws: `InvalidArn`.
    public func deleteStateMachine(_ arn: String) async throws(ExecutionError) {
        try ResourceNames.check(arn, is: .stateMachine)
        try await saved { try await store.deleteStateMachine(arn) }
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
            interpreter: interpreter(of: try Self.definition(stateMachine.definition))
        )
        machines.withLock { $0.insert(machine, for: revision) }
        return machine
    }

    /// An interpreter with the engine's secret and its knowledge of activities.
    func interpreter(of definition: Definition) -> Interpreter {
        Interpreter(
            definition,
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
        asking resources: ResourceCatalogue? = nil
    ) throws(ExecutionError) -> Definition {
        guard text.utf8.count <= 1_048_576 else {
            throw invalidDefinition("DEFINITION_TOO_LARGE: the definition is larger than 1 MiB")
        }
        let json: JSON
        do {
            json = try JSON(parsing: text)
        } catch {
            throw invalidDefinition("INVALID_JSON_DESCRIPTION: \(error)")
        }
        var faults = (resources?.diagnostics(for: json) ?? []).map(\.description)
        do throws(DefinitionError) {
            let definition = try Definition(json)
            if faults.isEmpty { return definition }
        } catch {
            faults.insert(error.description, at: 0)
        }
        throw invalidDefinition(faults.joined(separator: ", "))
    }

    private static func invalidDefinition(_ faults: String) -> ExecutionError {
        ExecutionError(.invalidDefinition, "Invalid State Machine Definition: '\(faults)'")
    }

    /// Asks the store; what it cannot do becomes `ServiceUnavailable`.
    func saved<T: Sendable>(_ body: () async throws -> T) async throws(ExecutionError) -> T {
        do {
            return try await body()
        } catch {
            throw .translating(error)
        }
    }

    static func page(
        _ maxResults: Int?,
        _ nextToken: String?,
        tokenLimit: Int
    ) throws(ExecutionError) -> PageRequest {
        let limit = maxResults ?? 0
        guard (0...1000).contains(limit) else {
            let bound = limit < 0 ? "greater than or equal to 0" : "less than or equal to 1000"
            throw .constraint("\(limit)", "maxResults", "Member must have value \(bound)")
        }
        if let nextToken, nextToken.utf8.count > tokenLimit {
            let bound = "Member must have length less than or equal to \(tokenLimit)"
            throw .constraint(nextToken, "nextToken", bound)
        }
        return PageRequest(limit: limit == 0 ? 100 : limit, token: nextToken)
    }
}

extension ExecutionError {
    static func constraint(_ value: String, _ member: String, _ rule: String) -> ExecutionError {
        ExecutionError(
            .validation,
            "1 validation error detected: Value '\(value)' at '\(member)' failed to satisfy constraint: \(rule)"
        )
    }
}
