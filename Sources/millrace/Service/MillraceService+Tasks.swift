import DurableExecution
import Functions
import HTTPAPI
import JSON
import Notifications
import Personalize
import Pipeline

extension MillraceService {
    /// What the handlers of tasks are made of.
    struct TaskParts {
        let settings: Settings
        let clock: any Clock<Duration>
        let personalize: PersonalizeService
        let notices: Notices
        let buckets: BucketDirectory
        let bus: EventBus
        let functions: FunctionService
        /// The operations of Step Functions, which need the engine that needs the handlers.
        let stepFunctions: LateBound<OperationTable>
        /// Those of our own that tasks can ask.
        let operations: OperationTable
        /// The engine itself, for tasks that wait for executions.
        let engine: LateBound<Engine>
        let newID: @Sendable () -> String
    }

    /// Who does the tasks of which resource: every integration of `Integrations.all` has its line.
    static func tasks(_ parts: TaskParts) -> TaskRegistry {
        var tasks = TaskRegistry()
        tasks.register(
            HTTPTask.integration,
            HTTPTask(connections: parts.settings.connections, region: parts.settings.region)
        )
        tasks.register(PublishTask.integration, PublishTask(notices: parts.notices, makeID: parts.newID))
        tasks.register(PutEventsTask.integration, PutEventsTask(bus: parts.bus, makeID: parts.newID))
        let s3 = S3Task(buckets: parts.buckets, makeID: parts.newID)
        tasks.register(S3Task.integration, s3)
        tasks.register(S3Task.shortIntegration, s3)
        let lambda = LambdaTask(functions: parts.functions, makeID: parts.newID)
        tasks.register(LambdaTask.integration, lambda)
        tasks.register(LambdaTask.functionARNs, lambda)
        let engine = parts.engine
        tasks.register(StartExecutionTask.integration, StartExecutionTask(makeID: parts.newID) { engine.value })
        tasks.register(StepFunctionsTask.integration, stepFunctionsTask(parts))
        tasks.register(
            PersonalizeTask.integration,
            PersonalizeTask(personalize: parts.personalize, clock: parts.clock)
        )
        tasks.register(PersonalizeRuntimeTask.integration, PersonalizeRuntimeTask(runtime: parts.personalize.runtime))
        tasks.register(EndpointTask.integration, EndpointTask(personalize: parts.personalize))
        tasks.register(
            MillraceTask.integration,
            MillraceTask { [operations = parts.operations] operation, input in
                try await called(operations, operation, input)
            }
        )
        return tasks
    }

    private static func called(
        _ table: OperationTable,
        _ operation: String,
        _ input: JSON
    ) async throws -> JSON {
        do {
            return try await table.call(operation, input)
        } catch let refusal as OperationRefusal {
            let error = refusal.error
            throw ServiceError(code: error.code, message: error.message, status: refusal.status)
        }
    }

    private static func stepFunctionsTask(_ parts: TaskParts) -> StepFunctionsTask {
        let table = parts.stepFunctions
        return StepFunctionsTask(makeID: parts.newID) { operation, input in
            guard let table = table.value else { throw CommandError(message: "the service is not wired yet") }
            return try await called(table, operation, input)
        }
    }
}
