import Bucket
import DurableExecution
import HTTPAPI
import JSON
import Notifications
import Personalize
import Pipeline

/// `Millrace.…`: what the command line asks beyond the AWS APIs.
///
/// | Operation | Members (those in parentheses may be absent) | Answer |
/// | --- | --- | --- |
/// | `DescribeService` | | version, home, buckets, waiting drops, counts |
/// | `ListProgress` | | `progress`: the trainings and imports that are going on |
/// | `ListNotifications` | (`status`, `maxResults`) | `notifications` |
/// | `ResendNotification` | `id` | the notification |
/// | `DeleteDatasetGroup` | `name` | `executionArn` of the state machine `delete` |
struct MillraceOperations: Sendable {
    let service: MillraceService

    /// These operations with those of the scheduler and the recommender.
    var table: OperationTable {
        var table = OperationTable(service: "Millrace", protocol: .json11)
        table.addSchedules(service.scheduler)
        table.addRecommender(service.personalize)
        table["DescribeService"] = { _ in try await describeService() }
        table["ListProgress"] = { _ in listProgress() }
        table["ListNotifications"] = { try await listNotifications($0) }
        table["ResendNotification"] = { input in
            let id = try OperationInput(input).string("id")
            return try await service.outbox.resend(id).json
        }
        table["DeleteDatasetGroup"] = { input in
            try await deleteDatasetGroup(OperationInput(input).string("name"))
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

    private func listNotifications(_ input: JSON) async throws -> JSON {
        let members = OperationInput(input)
        let filter = DeliveryFilter(
            status: try members.optionalCase("status", of: Delivery.Status.self),
            limit: try members.optionalInt("maxResults", in: 1...1000) ?? 20
        )
        return ["notifications": .array(try await service.outbox.deliveries(filter).map(\.json))]
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

extension Delivery {
    fileprivate var json: JSON {
        var json: JSON = [
            "id": .string(id), "status": .string(status.rawValue), "destination": .string(endpoint.description),
            "subject": .init(message.message.subject), "attempts": .init(attempts),
            "createdAt": .double(message.publishedAt.timeIntervalSince1970), "messageId": .string(message.id),
        ]
        if let lastError { json["lastError"] = .string(lastError) }
        if let nextAttemptAt { json["nextAttemptAt"] = .double(nextAttemptAt.timeIntervalSince1970) }
        if let sentAt { json["sentAt"] = .double(sentAt.timeIntervalSince1970) }
        return json
    }
}
