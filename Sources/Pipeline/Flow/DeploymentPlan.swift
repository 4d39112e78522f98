public import JSON

/// What a run would do, and why: a step a resource, in the order in which a run does them.
public struct DeploymentPlan: Sendable, Equatable {
    /// What happens to a resource.
    public enum Action: String, Sendable, CaseIterable {
        /// It is made.
        case create
        /// Data is imported, for the first time or again.
        case `import`
        /// A version is trained.
        case train
        /// It is changed.
        case update
        /// It is done anew: a batch job.
        case run
        /// It stays as it is.
        case leave
        /// It goes away.
        case remove
    }

    /// What happens to one resource.
    public struct Step: Sendable, Equatable {
        /// What it is: `dataset group`, `data`, `solution version`.
        public let kind: String
        /// Its name.
        public let name: String
        /// What happens to it.
        public let action: Action
        /// Why.
        public let reason: String

        var json: JSON {
            [
                "kind": .string(kind), "name": .string(name), "action": .string(action.rawValue),
                "reason": .string(reason),
            ]
        }
    }

    /// The dataset group's name.
    public let group: String
    /// All steps.
    public internal(set) var steps: [Step] = []

    /// The steps that change something.
    public var changes: [Step] { steps.filter { $0.action != .leave } }

    /// Whether a run is needed; schedules and the policy about drift are changed without one.
    var needsRun: Bool { changes.contains { $0.kind != Self.schedule && $0.kind != Self.driftPolicy } }

    static let schedule = "schedule"
    static let driftPolicy = "drift policy"

    /// The plan for scripts: `datasetGroup`, `steps` and how many of them are `changes`.
    public var json: JSON {
        [
            "datasetGroup": .string(group), "steps": .array(steps.map(\.json)), "changes": JSON(changes.count),
        ]
    }

    mutating func add(_ action: Action, _ kind: String, _ name: String, _ reason: String) {
        steps.append(Step(kind: kind, name: name, action: action, reason: reason))
    }
}

/// What a run was decided to do with each resource of a configuration.
struct Deployment: Sendable {
    /// An import that is to be done.
    struct Import: Sendable {
        let location: String
        let mode: String
    }

    /// What happens to a solution.
    enum Training: Sendable, Equatable {
        /// A version is trained.
        case train(mode: String)
        /// The newest version stays.
        case keep(versionARN: String)
    }

    var imports: [String: Import] = [:]
    /// By the solution's name; a solution that is not here is left out of the run.
    var trainings: [String: Training] = [:]
    /// Solutions, campaigns and recommenders whose configuration changes, by path, with the request that does it.
    var updates: [String: JSON] = [:]
    /// The batch jobs that are done, by path.
    var batchJobs: Set<String> = []
    /// Whether trackers, filters and recommenders are looked after.
    var isOfGroup = true

    /// All that a configuration can ask for.
    static func everything(of configuration: PipelineConfiguration, run: PipelineRun) -> Deployment {
        var deployment = Deployment()
        for dataset in configuration.datasets {
            deployment.imports[dataset.type] = Import(
                location: "s3://\(run.bucket)/\(run.folder)\(dataset.type)/",
                mode: "FULL"
            )
        }
        for solution in configuration.solutions {
            deployment.trainings[solution.name] = .train(mode: "FULL")
            deployment.batchJobs.formUnion(solution.batchJobs.map(\.path))
        }
        return deployment
    }
}
