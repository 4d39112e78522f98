internal import DurableExecution
internal import JSON

extension OperationTable {
    /// Activities and the polls of their workers.
    mutating func addActivities(_ engine: Engine) {
        self["CreateActivity"] = { input in
            let members = OperationInput(input)
            let activity = try await engine.createActivity(
                members.string("name"),
                options: members.configurations(),
                tags: members.tags("tags")
            )
            return ["activityArn": .string(activity.arn), "creationDate": activity.creationDate.epochSeconds]
        }
        self["DeleteActivity"] = { input in
            try await engine.deleteActivity(OperationInput(input).arn("activityArn"))
            return [:]
        }
        self["DescribeActivity"] = { input in
            try await engine.describeActivity(OperationInput(input).arn("activityArn")).json
        }
        self["ListActivities"] = { input in
            let members = OperationInput(input)
            let page = try await engine.listActivities(
                maxResults: members.pageSize(),
                nextToken: members.pageToken()
            )
            return page.json("activities", \.summaryJSON)
        }
        self["GetActivityTask"] = { input in
            let members = OperationInput(input)
            let task = try await engine.activityTask(
                of: members.arn("activityArn"),
                workerName: members.optionalString("workerName")
            )
            return task.map { ["taskToken": .string($0.token), "input": .string($0.input)] } ?? [:]
        }
        waits("GetActivityTask")
    }
}
