import Foundation
import HTTPAPI
import JSON

/// What a test waits for did not come.
struct TimedOut: Error {
    let what: String
}

extension Client {
    /// Asks until an answer satisfies, as any program that talks to the service from outside must.
    func until<T>(_ what: String, within limit: Duration = .seconds(120), _ ask: () async throws -> T?) async throws
        -> T
    {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while clock.now < deadline {
            if let value = try await ask() { return value }
            try await clock.sleep(for: .milliseconds(20))
        }
        throw TimedOut(what: what)
    }

    /// The executions of the pipeline, newest first.
    func executions() async throws -> [JSON] {
        let machine: JSON = "arn:aws:states:us-east-1:000000000000:stateMachine:deploy"
        return try await call("AWSStepFunctions", "ListExecutions", ["stateMachineArn": machine])["executions"]?.array
            ?? []
    }

    /// Waits until so many executions have ended.
    ///
    /// - Returns: All of them, newest first, as `DescribeExecution` tells them.
    func ended(_ count: Int, within limit: Duration = .seconds(120)) async throws -> [JSON] {
        let executions = try await until("\(count) ended executions", within: limit) { () -> [JSON]? in
            let executions = try await self.executions()
            let isDone = executions.count >= count && executions.allSatisfy { $0["status"]?.string != "RUNNING" }
            return isDone ? executions : nil
        }
        var described: [JSON] = []
        for execution in executions {
            let arn = execution["executionArn"] ?? .null
            described.append(try await call("AWSStepFunctions", "DescribeExecution", ["executionArn": arn]))
        }
        return described
    }

    func describeCampaign(_ name: String) async throws -> JSON {
        let arn = "arn:aws:personalize:us-east-1:000000000000:campaign/\(name)"
        return try await call("AmazonPersonalize", "DescribeCampaign", ["campaignArn": .string(arn)])["campaign"]
            ?? .null
    }

    /// The items a campaign recommends.
    func recommend(_ campaign: String, user: String? = nil, item: String? = nil) async throws -> [String] {
        var request: JSON = ["campaignArn": .string("arn:aws:personalize:us-east-1:000000000000:campaign/\(campaign)")]
        if let user { request["userId"] = .string(user) }
        if let item { request["itemId"] = .string(item) }
        return try await post("/recommendations", request)["itemList"]?.array?.compactMap { $0["itemId"]?.string } ?? []
    }
}

/// The messages of a Maildir, as Python's own `mailbox` reads them.
func readMails(in home: String) throws -> [JSON] {
    let script = Example.root.appending(path: "Tests/EndToEndTests/Python/maildir.py").path
    return try JSON(parsing: run("/usr/bin/env", "python3", script, "\(home)/mail")).array ?? []
}
