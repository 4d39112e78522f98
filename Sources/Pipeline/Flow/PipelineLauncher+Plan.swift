internal import Bucket
internal import Personalize

extension PipelineLauncher {
    /// What came of the wish to apply a configuration.
    public struct Application: Sendable, Equatable {
        /// What was to be done.
        public let plan: DeploymentPlan
        /// The execution that does it; `nil` when no run is needed.
        public let executionARN: String?
    }

    /// What a configuration would change, and why; nothing is touched.
    ///
    /// - Parameters:
    ///   - run: Where the file lies or would lie.
    ///   - content: The text of the file.
    /// - Returns: The plan.
    /// - Throws: `ConfigurationError` with all faults that a run would be refused with.
    public func plan(_ run: PipelineRun, content: [UInt8]) async throws -> DeploymentPlan {
        let parsed = try ParamsFile.read(content, key: run.key)
        let input = input("")
        let faults = await faults(of: parsed, run: run, input)
        guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
        return try await planner(parsed, run, input).plan().plan
    }

    /// Brings into being what a configuration says: starts a run where one is needed, arranges schedules, and does nothing
    /// where there is nothing to do.
    ///
    /// - Parameters:
    ///   - run: Where the file lies.
    ///   - content: The text of the file.
    /// - Returns: The plan and its execution.
    /// - Throws: `ConfigurationError` with all faults, `GroupBusy` while a run of the dataset group goes on, or what kept
    ///   the run from starting.
    public func apply(_ run: PipelineRun, content: [UInt8]) async throws -> Application {
        let plan = try await plan(run, content: content)
        guard plan.needsRun else {
            if !plan.changes.isEmpty {
                let parsed = try ParamsFile.read(content, key: run.key)
                try await arrangeSchedules(of: parsed, run: run)
                try await arrangeDrift(of: parsed, run: run, input(""))
            }
            return Application(plan: plan, executionARN: nil)
        }
        switch try await launch(run, content: content) {
        case .started(let executionARN): return Application(plan: plan, executionARN: executionARN)
        case .busy(let executionARN): throw GroupBusy(executionARN: executionARN)
        }
    }

    /// The first configuration of a dataset group in a bucket, and its content.
    func configuration(of group: String, in bucket: String) throws -> (key: String, content: [UInt8])? {
        let bucket = try buckets.bucket(named: bucket)
        guard let key = try ConfigurationDirectory(bucket: bucket).keys(of: group).first else { return nil }
        return (key, try bucket.read(key))
    }

    /// Starts the execution that tells that nobody knows the dataset group of a batch job.
    func refuseBatch(_ run: PipelineRun, group: String) async throws -> Launch {
        let fault = Fault(
            path: "",
            message: "no configuration of dataset group \"\(group)\" is in the bucket; put one below train/ first"
        )
        return try await refuse(run, ConfigurationError(faults: [fault]), groupName: group)
    }
}

/// Thrown where a run of the same dataset group goes on.
public struct GroupBusy: Error, Sendable, Equatable, CustomStringConvertible {
    /// The execution that goes on.
    public let executionARN: String

    /// Fact and remedy.
    public var description: String { "\(executionARN) still runs for this dataset group; wait for its end" }
}
