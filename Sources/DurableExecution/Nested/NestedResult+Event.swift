import FoundationEssentials
import JSON
import StatesLanguage

extension NestedResult {
    /// What the end means to the task: `DescribeExecution`'s answer as its output, or as the cause of its failure.
    var event: Event {
        let description = description(parsed: resource.hasSuffix(".sync:2"))
        guard execution.status == .succeeded else {
            let cause = self.description(parsed: false).text
            return .taskFailed(task: task.id, error: StatesError(name: StatesError.taskFailed, cause: cause))
        }
        return .taskSucceeded(task: task.id, output: Payload(description))
    }

    /// The execution in the spelling of tasks, times in milliseconds; input and output as JSON, or as its text.
    private func description(parsed: Bool) -> JSON {
        var members: [(String, JSON)] = []
        for (key, value) in execution.json.object ?? [:] {
            let name = key.prefix(1).uppercased() + key.dropFirst()
            switch key {
            case "input", "output":
                let text = value.string ?? ""
                members.append((name, parsed ? (try? JSON(parsing: text)) ?? value : value))
            case "inputDetails", "outputDetails": members.append((name, ["Included": true]))
            case "startDate", "stopDate", "redriveDate":
                members.append((name, JSON(Int(((value.double ?? 0) * 1000).rounded()))))
            default: members.append((name, value))
            }
        }
        return .object(JSONObject(members.sorted { $0.0 < $1.0 }))
    }
}
