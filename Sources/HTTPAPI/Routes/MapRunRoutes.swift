internal import DurableExecution
internal import JSON

extension OperationTable {
    /// Map Runs.
    mutating func addMapRuns(_ engine: Engine) {
        self["ListMapRuns"] = { input in
            let members = OperationInput(input)
            let page = try await engine.listMapRuns(
                of: members.arn("executionArn"),
                maxResults: members.pageSize(),
                nextToken: members.pageToken()
            )
            return page.json("mapRuns", \.summaryJSON)
        }
        self["DescribeMapRun"] = { input in
            try await engine.describeMapRun(OperationInput(input).mapRunArn()).json
        }
        self["UpdateMapRun"] = { input in
            let members = OperationInput(input)
            try await engine.updateMapRun(members.mapRunArn(), members.mapRunLimits())
            return [:]
        }
    }
}

extension OperationInput {
    fileprivate func mapRunArn() throws(WireError) -> String { try string("mapRunArn") }

    fileprivate func mapRunLimits() throws(WireError) -> MapRunLimits {
        MapRunLimits(
            maxConcurrency: try optionalInt("maxConcurrency", in: 0...Int.max),
            toleratedFailureCount: try optionalInt("toleratedFailureCount", in: 0...Int.max),
            toleratedFailurePercentage: json("toleratedFailurePercentage")?.double
        )
    }
}
