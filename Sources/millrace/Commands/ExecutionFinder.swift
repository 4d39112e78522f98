import HTTPAPI
import JSON

/// Finds executions and state machines by the short names that people type.
struct ExecutionFinder {
    let client: Client

    /// The executions of one machine or of all, newest first.
    func list(stateMachine: String?, status: String?, limit: Int) async throws -> [JSON] {
        let machines =
            if let stateMachine {
                [try await stateMachineARN(of: stateMachine)]
            } else {
                try await standardMachines()
            }
        var executions: [JSON] = []
        for machine in machines {
            var input: JSON = ["stateMachineArn": .string(machine), "maxResults": .init(min(max(limit, 1), 1000))]
            if let status { input["statusFilter"] = .string(status.uppercased()) }
            executions += try await client.pages(
                of: "executions",
                limit: limit,
                { try await $0.stepFunctions("ListExecutions", $1) },
                input: input
            )
        }
        let newestFirst = executions.sorted { ($0["startDate"]?.double ?? 0) > ($1["startDate"]?.double ?? 0) }
        return Array(newestFirst.prefix(limit))
    }

    /// The ARN of an execution by name, ARN or the word `latest`.
    func arn(of execution: String) async throws -> String {
        if execution.hasPrefix("arn:") { return execution }
        if execution == "latest" {
            guard let newest = try await list(stateMachine: nil, status: nil, limit: 1).first?["executionArn"]?.string
            else { throw CommandError(message: "there is no execution yet; drop a params.json to start one") }
            return newest
        }
        for machineARN in try await standardMachines() {
            let arn = machineARN.replacing(":stateMachine:", with: ":execution:") + ":" + execution
            do {
                _ = try await client.stepFunctions("DescribeExecution", ["executionArn": .string(arn)])
                return arn
            } catch let error as ClientError where error.code == "ExecutionDoesNotExist" {
                continue
            }
        }
        throw CommandError(
            message: "no execution is named \"\(execution)\"; `millrace executions list` shows those there are"
        )
    }

    /// The ARN of a state machine by name or ARN.
    func stateMachineARN(of name: String) async throws -> String {
        if name.hasPrefix("arn:") { return name }
        let machines = try await stateMachines()
        let match = machines.first { $0["name"]?.string == name }
        if let arn = match?["stateMachineArn"]?.string { return arn }
        let names = machines.compactMap { $0["name"]?.string }
        let hint = NearestName.find(name, among: names).map { "did you mean \"\($0)\"?" }
        throw CommandError(
            message:
                "no state machine is named \"\(name)\", \(hint ?? "`millrace machines list` shows those there are")"
        )
    }

    /// The state machines that keep executions: Express ones do not.
    private func standardMachines() async throws -> [String] {
        try await stateMachines().filter { $0["type"] == "STANDARD" }.compactMap { $0["stateMachineArn"]?.string }
    }

    private func stateMachines() async throws -> [JSON] {
        try await client.pages(of: "stateMachines", { try await $0.stepFunctions("ListStateMachines", $1) })
    }
}
