public import DurableExecution
internal import FoundationEssentials
public import Scheduler

/// Hands firings of schedules over to what they are to start: the pipeline, or a state machine.
public struct ScheduleTargets: Sendable {
    private let retraining: Retraining
    private let engine: Engine
    private let region: String
    private let account: String

    /// Targets behind the pipeline and the engine; region and account are those of ARNs.
    public init(retraining: Retraining, engine: Engine, region: String, account: String) {
        self.retraining = retraining
        self.engine = engine
        self.region = region
        self.account = account
    }

    /// Starts what a firing asks for.
    ///
    /// - Parameters:
    ///   - firing: The firing; coming again with the same id, it finds the execution of the first time.
    ///   - schedule: Its schedule.
    /// - Returns: The execution's ARN.
    /// - Throws: `SchedulerError` for a target that cannot be used, `FiringDeferral` when it is to come again later, or
    ///   what kept the run from starting.
    public func fire(_ firing: Firing, _ schedule: Schedule) async throws -> String {
        let target = schedule.definition.target
        guard target.kind == ScheduleDefinition.Target.stateMachineKind else {
            return try await retraining.fire(firing, schedule)
        }
        let attempt = firing.attempts + 1
        let invocation = ScheduledInvocation(
            scheduleARN: schedule.key.arn(region: region, account: account),
            scheduledTime: firing.scheduledTime,
            executionID: Fingerprint.hexadecimal(of: firing.id)
                + Fingerprint.hexadecimal(of: "\(firing.id)#\(attempt)"),
            attempt: attempt
        )
        let request = try target.executionRequest(of: invocation)
        let name = request.name ?? Self.executionName(of: firing)
        do throws(ExecutionError) {
            return try await engine.startExecution(of: request.stateMachineARN, name: name, input: request.input).arn
        } catch {
            // Started before a crash kept us from hearing of it: nobody else makes names like this one.
            guard error.code == .executionAlreadyExists, request.name == nil else { throw error }
            return Self.arn(ofExecution: name, of: request.stateMachineARN)
        }
    }

    /// `nightly-2026_11_21_03_00_00-1f6a2c3d`: the same each time the firing comes.
    private static func executionName(of firing: Firing) -> String {
        let moment = PipelineRun.moment(firing.scheduledTime)
        return "\(firing.schedule.name.prefix(40))-\(moment)-\(Fingerprint.hexadecimal(of: firing.id))"
    }

    private static func arn(ofExecution name: String, of machine: String) -> String {
        var parts = machine.split(separator: ":", omittingEmptySubsequences: false).prefix(7).map(String.init)
        parts[5] = "execution"
        return (parts + [name]).joined(separator: ":")
    }
}
