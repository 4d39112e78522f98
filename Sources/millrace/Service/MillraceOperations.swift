import Bucket
import DurableExecution
import HTTPAPI
import JSON
import Notifications
import Personalize
import Pipeline
import SQLiteStore
import Scheduler

/// `Millrace.…`: what the command line asks beyond the AWS APIs.
///
/// | Operation | Members (those in parentheses may be absent) | Answer |
/// | --- | --- | --- |
/// | `DescribeService` | | version, home, buckets, waiting drops, counts |
/// | `ListProgress` | | `progress`: the trainings and imports that are going on |
/// | `RedriveExecution` | `executionArn` (`definition`, `input`, `clientToken`) | `redriveDate`; as on AWS, and beyond |
/// | `ReplaySolutionVersion` | `solutionVersionArn` | `isIdentical`, the hashes of the models, the seed |
/// | `DescribeSolutionVersionFiles` | `solutionVersionArn` | the recipe, the seed, the paths of its files |
/// | `EvaluateSolutionVersions` | `solutionVersionArns` (`recipes`, `protocol`, `seed`) | all figures by one hold-out |
/// | `PlanDeployment` | `bucket`, `key` (`content`) | `datasetGroup`, `steps`, how many of them are `changes` |
/// | `ApplyDeployment` | `bucket`, `key` | the same, and the `executionArn` of a run where one is needed |
/// | `ExportConfiguration` | `name` (`shape`) | `configuration`, `remarks` on what that shape cannot say |
/// | `DescribeDrift` | `datasetGroup` (name or ARN) | `policy`, and a report a dataset by its last import |
/// | `TestNotification` | (`datasetGroup` or `topicArn`: whose listeners; or `webhook`, or `mail`) | `results` |
/// | `DeleteDatasetGroup` | `name` | `executionArn` of the state machine `delete` |
struct MillraceOperations: Sendable {
    let service: MillraceService

    /// These operations with those of the scheduler, the outbox and the recommender.
    var table: OperationTable {
        var table = OperationTable(service: "Millrace", protocol: .json11)
        table.addSchedules(service.scheduler)
        table.addRecommender(service.personalize)
        table.addEvaluation(service.personalize)
        table.addDeployment(service)
        table.addRollouts(service.personalize)
        table.addOperating(service)
        table.addFunctions(
            service.functions,
            logs: LogFiles(directory: "\(service.settings.home)/logs"),
            now: service.surroundings.now
        )
        table["DescribeService"] = { _ in try await describeService() }
        table["ListProgress"] = { _ in listProgress() }
        table.addNotifications(service.outbox)
        table.addNotices(service)
        table["RedriveExecution"] = { input in
            let execution = try await service.engine.redriveExecution(
                input["executionArn"]?.string ?? "",
                clientToken: input["clientToken"]?.string,
                definition: input["definition"]?.string,
                input: input["input"]?.string
            )
            return ["redriveDate": execution.json["redriveDate"] ?? .null]
        }
        table["ReplaySolutionVersion"] = { input in
            try await service.personalize.replay(input["solutionVersionArn"]?.string ?? "")
        }
        table["DeleteDatasetGroup"] = { input in
            guard let name = input["name"]?.string else {
                throw WireError("ValidationException", "name is missing; it is the name of the dataset group")
            }
            return try await deleteDatasetGroup(name)
        }
        return table
    }

    private func describeService() async throws -> JSON {
        let counts = try await service.outbox.deliveryCounts()
        let running = try await service.engine.listExecutions(ExecutionQuery(status: .running), maxResults: 1000)
        let campaigns = try await service.personalize.call("ListCampaigns", ["maxResults": 100])
        var drops: [JSON] = []
        for bucket in service.buckets.buckets {
            drops += try await service.store.pendingDrops(in: bucket.name).map { drop in
                [
                    "location": .string(bucket.location(of: drop.key)),
                    "reason": "waits for the running execution of its dataset group",
                ]
            }
        }
        return [
            "version": .string(Millrace.version), "home": .string(service.settings.home),
            "buckets": .array(
                service.buckets.buckets.map { ["name": .string($0.name), "path": .string($0.root)] }
            ),
            "waitingDrops": .array(drops),
            "runningExecutions": .init(running.elements.count),
            "campaigns": .init(campaigns["campaigns"]?.array?.count ?? 0),
            "schedules": .init(try await service.scheduler.schedules().count),
            "pendingNotifications": .init(counts[.pending] ?? 0),
            "parkedNotifications": .init(counts[.parked] ?? 0),
        ]
    }

    private func listProgress() -> JSON {
        let jobs = service.personalize.runningJobs.sorted { $0.key < $1.key }
        return [
            "progress": .array(
                jobs.map { arn, progress in
                    var json = progress.json
                    json["arn"] = .string(arn)
                    return json
                }
            )
        ]
    }

    private func deleteDatasetGroup(_ name: String) async throws -> JSON {
        let arn = "arn:aws:personalize:\(service.settings.region):\(service.settings.account):dataset-group/\(name)"
        _ = try await service.personalize.call("DescribeDatasetGroup", ["datasetGroupArn": .string(arn)])
        try await service.scheduler.deleteSchedules(inGroup: name)
        let input: JSON = [
            "datasetGroupArn": .string(arn), "pollSeconds": .init(service.settings.pollSeconds),
            "topicArn": .string(try await service.launcher.topicARN(of: name)),
        ]
        let machine = service.settings.names.stateMachine(ShippedStateMachine.delete.rawValue)
        let execution = try await service.engine.startExecution(of: machine, input: input.text)
        return ["executionArn": .string(execution.arn)]
    }
}
