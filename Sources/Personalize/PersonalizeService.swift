public import FoundationEssentials
public import JSON
public import Logging
public import Shapes
internal import Synchronization

/// The recommender service: one table of operations behind two doors.
///
/// The state machine's task `aws-sdk:personalize:createSolution` and the HTTP header
/// `X-Amz-Target: AmazonPersonalize.CreateSolution` both reach `call("CreateSolution", …)`. A creation is saved as
/// CREATE PENDING and answered; `run` then takes the resource through its life. Recommendations come from `runtime`.
public final class PersonalizeService: Sendable {
    /// The settings.
    public let configuration: Configuration
    /// Serves recommendations.
    public let runtime: PersonalizeRuntime

    let store: any PersonalizeStore
    let objects: any ObjectSource
    let answerDatabase: (any AnswerDatabase)?
    let programs: (any RecipePrograms)?
    let files: Files
    let arns: ARN
    let now: @Sendable () -> Date
    let clock: any Clock<Duration>
    let makeID: @Sendable () -> UUID
    let logger: Logger
    let gate = Gate()
    let sealing = Gate()
    /// What a campaign is to serve is read, loaded and recorded by one at a time.
    ///
    /// So nobody goes on to serve what an update has replaced meanwhile. Who holds `sealing` may wait for it, not the other way round.
    let loading = Gate()
    let shadowGate = Gate()
    let shadows = Mutex(ShadowComparison())
    let live = LiveData()
    let targets = TargetTable()
    let changes = Changes()
    let progress = ProgressTable()
    let work = WorkQueue()
    let jobs = RunningJobs()
    let counters = ServiceCounters()
    let programGates = ProgramGates()

    /// A service on a store and a home directory.
    ///
    /// - Parameters:
    ///   - store: Where resources are kept.
    ///   - objects: Finds the files of a bucket folder.
    ///   - answers: Writes the answers of batch jobs as databases; jobs that ask for one are refused without it.
    ///   - programs: The recipes that are programs of the user's; there are none without it.
    ///   - home: The directory under which data and model files are kept.
    ///   - configuration: The settings.
    ///   - now: The time.
    ///   - clock: Measures the pauses before a failing store is tried again.
    ///   - makeID: A new random id at every call.
    ///   - logger: Where it tells what happens.
    /// - Throws: `FileError` when the directories of data and models cannot be made.
    public init(
        store: any PersonalizeStore,
        objects: any ObjectSource,
        answers: (any AnswerDatabase)? = nil,
        programs: (any RecipePrograms)? = nil,
        home: String,
        configuration: Configuration = Configuration(),
        now: @escaping @Sendable () -> Date,
        clock: any Clock<Duration> = ContinuousClock(),
        makeID: @escaping @Sendable () -> UUID,
        logger: Logger
    ) throws {
        self.store = store
        self.objects = objects
        answerDatabase = answers
        self.programs = programs
        self.configuration = configuration
        self.now = now
        self.clock = clock
        self.makeID = makeID
        self.logger = logger
        arns = ARN(region: configuration.region, account: configuration.account)
        files = try Files(home: home)
        runtime = PersonalizeRuntime(makeID: makeID, now: now)
    }

    /// The names of all operations, sorted.
    public static var operationNames: [String] { Operation.table.keys.sorted() }

    /// The ARNs of the recipes that solutions can be trained with.
    public static var recipeARNs: [String] { CatalogEntry.custom.map(\.arn) }

    /// The ARNs of the use cases that recommenders of a domain are made of.
    public static var useCaseARNs: [String] { CatalogEntry.useCases.map(\.arn) }

    /// What is wrong with the shape of an operation's input; whether what it names exists is not looked at.
    ///
    /// - Parameters:
    ///   - input: The input.
    ///   - operation: The operation's name.
    /// - Returns: Every fault, in the order of the shape; none for an operation that does not exist.
    public static func faults(in input: JSON, of operation: String) -> [InputFault] {
        Operation.table[operation].map { $0.input.faults(in: input).all } ?? []
    }

    /// The members that an operation's input may have.
    ///
    /// - Parameter operation: The operation's name.
    /// - Returns: Their names; none for an operation that does not exist.
    public static func members(of operation: String) -> [String] {
        guard case .structure(let fields, _) = Operation.table[operation]?.input else { return [] }
        return fields.map(\.name)
    }

    /// Calls an operation.
    ///
    /// - Parameters:
    ///   - operation: Its name: `CreateDatasetGroup`.
    ///   - input: Its input; members it does not know are ignored.
    ///   - context: What the caller says beside the input.
    /// - Returns: Its output.
    /// - Throws: `PersonalizeError` with the exceptions AWS names for the operation.
    public func call(
        _ operation: String,
        _ input: JSON,
        context: OperationContext = OperationContext()
    ) async throws(PersonalizeError) -> JSON {
        guard let operation = Operation.table[operation] else {
            throw PersonalizeError(.unknownOperation, "operation \"\(operation)\" does not exist or is not offered")
        }
        try operation.input.validate(input)
        switch operation.handler {
        case .read(let reader): return try await reader(self, input)
        case .write(let decider):
            return try await gate.alone { () async throws(PersonalizeError) in
                try await decide(operation.name, context, input, decider)
            }
        }
    }

    /// How far a training or import has come.
    ///
    /// - Parameter arn: The solution version or the import job.
    /// - Returns: The progress; `nil` when nothing is going on.
    public func progress(of arn: String) -> JobProgress? { progress[arn] }

    /// How far each training and import that is going on has come, by ARN.
    public var runningJobs: [String: JobProgress] { progress.all }
}

// MARK: - Deciding and saving

extension PersonalizeService {
    /// How often a decision is made again because the worker changed the same resource in between.
    private static let attempts = 20

    private func decide(
        _ operation: String,
        _ context: OperationContext,
        _ input: JSON,
        _ decider: Operation.Decider
    ) async throws(PersonalizeError) -> JSON {
        if let answer = try await earlierAnswer(to: context, operation) { return answer }
        for _ in 0..<Self.attempts {
            var decision = try await decider(self, input)
            decision.transition.request = context.clientToken.map {
                AnsweredRequest(
                    clientToken: $0,
                    operation: operation,
                    response: decision.response,
                    answeredAt: now()
                )
            }
            guard try await save(decision.transition) else { continue }
            for resource in decision.transition.inserts + decision.transition.updates { follow(resource) }
            return decision.response
        }
        throw PersonalizeError(.resourceInUse, "the resource changes too fast; try again")
    }

    private func earlierAnswer(
        to context: OperationContext,
        _ operation: String
    ) async throws(PersonalizeError) -> JSON? {
        guard let token = context.clientToken else { return nil }
        let request = try await reading { try await $0.answeredRequest(token) }
        guard let request else { return nil }
        guard request.operation == operation else {
            throw PersonalizeError(
                .invalidInput,
                "client token \"\(token)\" was used for \(request.operation), not for \(operation)"
            )
        }
        return request.response
    }

    /// Saves a transition and tells who waits; false when it was decided on something outdated.
    func save(_ transition: ResourceTransition) async throws(PersonalizeError) -> Bool {
        let now = now()
        var transition = transition
        transition.savedAt = now
        for index in transition.updates.indices where !transition.undated.contains(transition.updates[index].arn) {
            transition.updates[index].updatedAt = now
        }
        do {
            try await store.commit(transition)
        } catch PersonalizeConflict.changed {
            return false
        } catch let conflict as PersonalizeConflict {
            throw PersonalizeError(conflict)
        } catch {
            throw internalFailure(error)
        }
        let touched = transition.inserts + transition.updates
        for served in touched where served.kind.isServed { runtime.note(served.arn, served.status) }
        for filter in touched where filter.kind == .filter { runtime.filters.note(filter) }
        for arn in transition.deletes {
            runtime.remove(arn)
            live.clear(arn)
        }
        let isAboutPuts = touched.contains { [.eventTracker, .dataset, .schema].contains($0.kind) }
        if isAboutPuts || !transition.deletes.isEmpty { targets.clear() }
        let isAboutTraining = touched.contains { [.solution, .solutionVersion, .recommender].contains($0.kind) }
        let topics =
            (isAboutTraining ? [Self.scheduleTopic] : [])
            + (transition.rollouts.isEmpty ? [] : [Self.rolloutTopic])
            + (transition.driftFindings.isEmpty ? [] : [Self.driftTopic]) + [Self.stateTopic]
        changes.tell(touched.map(\.arn) + transition.deletes + topics)
        return true
    }

    /// Hides a fault of ours from the caller and tells the log.
    func internalFailure(_ error: any Error) -> PersonalizeError {
        // What a shutdown interrupts is no fault.
        if !(error is CancellationError) { logger.error("personalize failed", metadata: ["error": "\(error)"]) }
        return PersonalizeError(.internalFailure, "Internal error")
    }
}

extension PersonalizeError {
    init(_ conflict: PersonalizeConflict) {
        switch conflict {
        case .exists(let arn): self.init(.resourceAlreadyExists, "\"\(arn)\" already exists")
        case .parentMissing(let arn): self.init(.resourceNotFound, "\"\(arn)\" does not exist")
        case .changed(let arn): self.init(.resourceInUse, "\"\(arn)\" has changed meanwhile; try again")
        case .inUse(let arn): self.init(.resourceInUse, "\"\(arn)\" is still used")
        case .answered(let token): self.init(.resourceInUse, "client token \"\(token)\" is being used")
        }
    }
}

// MARK: - Reading the store

extension PersonalizeService {
    func reading<T: Sendable>(
        _ body: (any PersonalizeStore) async throws -> T
    ) async throws(PersonalizeError) -> T {
        do {
            return try await body(store)
        } catch {
            throw internalFailure(error)
        }
    }

    func found(_ arn: String) async throws(PersonalizeError) -> Resource? {
        try await reading { try await $0.resource(arn) }
    }

    func resources(_ query: ResourceQuery) async throws(PersonalizeError) -> [Resource] {
        try await reading { try await $0.resources(query) }
    }

    func count(_ query: ResourceQuery) async throws(PersonalizeError) -> Int {
        try await reading { try await $0.count(query) }
    }

    func snapshots(of datasetArn: String) async throws(PersonalizeError) -> [DatasetSnapshot] {
        try await reading { try await $0.snapshots(of: datasetArn) }
    }

    /// A resource of a kind, or `ResourceNotFoundException`.
    func resource(_ kind: ResourceKind, _ arn: String) async throws(PersonalizeError) -> Resource {
        guard let resource = try await found(arn), resource.kind == kind else { throw .missing(kind.title, arn) }
        return resource
    }

    /// A resource of any kind, or `ResourceNotFoundException`.
    func anyResource(_ arn: String) async throws(PersonalizeError) -> Resource {
        guard let resource = try await found(arn) else { throw .missing("Resource", arn) }
        return resource
    }

    /// A resource that must be ready to be built upon.
    func activeResource(_ kind: ResourceKind, _ arn: String) async throws(PersonalizeError) -> Resource {
        let resource = try await resource(kind, arn)
        switch resource.status {
        case .active: return resource
        case .createFailed, .createStopped:
            throw PersonalizeError(
                .invalidInput,
                "\(kind.title) \"\(arn)\" has status \(resource.status.rawValue); it must be ACTIVE"
            )
        default: throw .inUse(resource, "it must be ACTIVE")
        }
    }
}
