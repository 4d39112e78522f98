public import DurableExecution
internal import JSON
public import Logging
public import Personalize
public import Scheduler
internal import Synchronization

/// Starts runs of the pipeline: checks the configuration whole, arranges notices and schedules, starts one execution.
public struct PipelineLauncher: Sendable {
    /// What came of the wish to run.
    public enum Launch: Sendable, Equatable {
        /// The execution that runs, or ran, for this wish.
        case started(executionARN: String)
        /// An execution of the same dataset group still runs; the wish is to be made again when it has ended.
        case busy(executionARN: String)
    }

    /// What the launcher needs to know of where it runs.
    public struct Configuration: Sendable {
        /// The ARN of the state machine `deploy`.
        public var deployARN: String
        /// The region in every ARN.
        public var region: String
        /// The account in every ARN.
        public var account: String
        /// How long a run waits between two looks at a resource.
        public var pollSeconds: Int

        /// A configuration of known parts.
        public init(deployARN: String, region: String, account: String, pollSeconds: Int) {
            self.deployARN = deployARN
            self.region = region
            self.account = account
            self.pollSeconds = pollSeconds
        }
    }

    private let configuration: Configuration
    let buckets: BucketDirectory
    private let engine: Engine
    let personalize: PersonalizeService
    private let scheduler: SchedulerService
    private let notices: Notices
    private let logger: Logger
    private let groupsBeingLaunched = GroupReservations()

    /// An execution's data may have 256 KiB; this leaves room for what the run adds to its input.
    private static let maximumInputSize = 192 * 1024

    /// A launcher over the nouns.
    public init(
        configuration: Configuration,
        buckets: BucketDirectory,
        engine: Engine,
        personalize: PersonalizeService,
        scheduler: SchedulerService,
        notices: Notices,
        logger: Logger
    ) {
        self.configuration = configuration
        self.buckets = buckets
        self.engine = engine
        self.personalize = personalize
        self.scheduler = scheduler
        self.notices = notices
        self.logger = logger
    }

    /// Starts a run; asking again for the same run finds the execution of the first time.
    ///
    /// A file with faults starts an execution too: one that creates nothing, tells the faults and fails, so that they are
    /// seen where every other failure is seen.
    ///
    /// - Parameters:
    ///   - run: What is to run.
    ///   - content: The text of the `params.json`; `nil` when it is too large to be one.
    /// - Returns: The execution, or the one that is in the way.
    /// - Throws: When a store or the engine cannot do its part; asking again later is safe.
    public func launch(_ run: PipelineRun, content: [UInt8]?) async throws -> Launch {
        guard let content else {
            let fault = Fault(path: "", message: "\(run.fileName) is larger than 1 MiB; a configuration is not")
            return try await refuse(run, ConfigurationError(faults: [fault]), groupName: nil)
        }
        let parsed: PipelineConfiguration
        do throws(ConfigurationError) {
            parsed = try ParamsFile.read(content, key: run.key)
        } catch {
            return try await refuse(run, error, groupName: ConfigurationDirectory.groupName(in: content))
        }
        return try await launch(run, parsed)
    }

    /// The topic on which the ends of a dataset group's executions are told.
    ///
    /// - Parameter group: The dataset group's name.
    /// - Returns: The topic's ARN.
    /// - Throws: `NotificationError`, or the store's error.
    public func topicARN(of group: String) async throws -> String {
        try await notices.topic(of: group, for: nil)
    }

    private func launch(_ run: PipelineRun, _ parsed: PipelineConfiguration) async throws -> Launch {
        let scope = run.scope(in: parsed.name)
        if let other = groupsBeingLaunched.reserve(scope, for: executionARN(of: run)) {
            return .busy(executionARN: other)
        }
        defer { groupsBeingLaunched.release(scope) }
        if let running = try await runningExecution(of: parsed.name, besides: run) {
            return .busy(executionARN: running)
        }
        let topic = try await notices.topic(of: parsed.name, for: parsed.notifications)
        let input = input(topic)
        let faults = await faults(of: parsed, run: run, input)
        guard faults.isEmpty else {
            return try await refuse(run, ConfigurationError(faults: faults), groupName: parsed.name)
        }
        let deployment = try await planner(parsed, run, input).plan().deployment
        let text = input.input(for: parsed, run: run, deployment).text
        guard text.utf8.count <= Self.maximumInputSize else {
            let fault = Fault(
                path: "",
                message: "\(run.fileName) makes an input of \(text.utf8.count) bytes; a run may have "
                    + "\(Self.maximumInputSize): use fewer or shorter schemas, solutions and filters"
            )
            return try await refuse(run, ConfigurationError(faults: [fault]), groupName: parsed.name)
        }
        try await arrangeSchedules(of: parsed, run: run)
        try await arrangeDrift(of: parsed, run: run, input)
        for campaign in parsed.solutions.flatMap(\.campaigns) {
            let arn = input.arn("campaign/\(campaign.name)")
            try await personalize.putPromotionPolicy(campaign.promotionPolicy, of: arn, isFromFile: true)
        }
        return try await start(run, text)
    }

    func faults(of parsed: PipelineConfiguration, run: PipelineRun, _ input: PipelineInput) async -> [Fault] {
        let preFlight = PreFlight(buckets: buckets, personalize: personalize, input: input)
        return await preFlight.faults(of: parsed, run: run)
    }

    func planner(
        _ parsed: PipelineConfiguration,
        _ run: PipelineRun,
        _ input: PipelineInput
    ) -> DeploymentPlanner {
        DeploymentPlanner(
            buckets: buckets,
            survey: Survey(personalize: personalize, input: input),
            scheduler: scheduler,
            configuration: parsed,
            run: run
        )
    }

    func refuse(_ run: PipelineRun, _ error: ConfigurationError, groupName: String?) async throws -> Launch {
        let name = groupName ?? run.bucket
        let topic = try await notices.topic(of: name, for: nil)
        logger.info(
            "configuration refused",
            metadata: ["bucket.key": "\(run.key)", "fault.count": "\(error.faults.count)"]
        )
        return try await start(run, input(topic).input(refusing: error, groupName: Excerpt.of(name), run: run).text)
    }

    func input(_ topicARN: String) -> PipelineInput {
        PipelineInput(
            region: configuration.region,
            account: configuration.account,
            pollSeconds: configuration.pollSeconds,
            topicARN: topicARN
        )
    }

    private func start(_ run: PipelineRun, _ input: String) async throws -> Launch {
        do {
            let execution = try await engine.startExecution(
                of: configuration.deployARN,
                name: run.executionName,
                input: input
            )
            return .started(executionARN: execution.arn)
        } catch  where error.code == .executionAlreadyExists {
            // Started before a crash kept us from hearing of it.
            return .started(executionARN: executionARN(of: run))
        }
    }

    private func runningExecution(of group: String, besides run: PipelineRun) async throws -> String? {
        let own = executionARN(of: run)
        var token: String?
        repeat {
            let page = try await engine.listExecutions(
                ExecutionQuery(stateMachineArn: configuration.deployARN, status: .running),
                nextToken: token
            )
            for execution in page.elements where execution.arn != own {
                let input = try? JSON(parsing: execution.input)
                guard let input, input["datasetGroup"]?["create"]?["Name"]?.string == group else { continue }
                if run.mustWait(for: input) { return execution.arn }
            }
            token = page.nextToken
        } while token != nil
        return nil
    }

    /// Puts the schedules a configuration asks for, and removes those that an earlier one asked for; a user's own, of
    /// other names, stay.
    func arrangeSchedules(of parsed: PipelineConfiguration, run: PipelineRun) async throws {
        let changes = try await SchedulePlan.changes(for: parsed, run: run, scheduler)
        for (definition, old) in changes.wanted where old?.definition != definition {
            try await scheduler.put(definition)
        }
        for key in changes.unwanted { try await scheduler.delete(key) }
    }

    private func executionARN(of run: PipelineRun) -> String {
        configuration.deployARN.replacing(":stateMachine:", with: ":execution:") + ":" + run.executionName
    }
}

/// Which groups are just being launched, so that two wishes at one moment do not both find the group idle.
private final class GroupReservations: Sendable {
    private let executions = Mutex<[String: String]>([:])

    /// Reserves a group for an execution, or names the one it is reserved for.
    func reserve(_ group: String, for execution: String) -> String? {
        executions.withLock { executions in
            if let other = executions[group] { return other }
            executions[group] = execution
            return nil
        }
    }

    func release(_ group: String) { executions.withLock { $0[group] = nil } }
}
