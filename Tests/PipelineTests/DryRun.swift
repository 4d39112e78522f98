import Foundation
import JSON
import StatesLanguage

/// Walks a definition with scripted answers: no service, no clock.
struct DryRun {
    /// What a task answers.
    enum Answer {
        case output(JSON)
        case error(String, String)
    }

    private let rehearsal: Rehearsal

    init(_ definition: String, input: JSON, answers: @escaping (TaskRequest) -> Answer) throws {
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        let context = ExecutionContext(
            execution: .init(id: "execution", name: "run", roleArn: "role", startTime: start, input: Payload(input)),
            stateMachine: .init(id: "machine", name: "machine")
        )
        var rehearsal = Rehearsal(try Definition(JSON(parsing: definition)), context: context, seed: 1) { task in
            switch answers(task) {
            case .output(let output): .output(output)
            case .error(let name, let cause): .error(StatesError(name: name, cause: cause))
            }
        }
        rehearsal.run()
        self.rehearsal = rehearsal
    }

    /// The history.
    var history: [JSON] { rehearsal.history.map(\.json) }

    /// How it ended.
    var outcome: Outcome? { rehearsal.outcome }

    /// The tasks that were asked for, in order.
    var requests: [TaskRequest] { rehearsal.requests }

    /// The names of the states that were entered, in order.
    var states: [String] { history.compactMap { $0["stateEnteredEventDetails"]?["name"]?.string } }

    /// The parameters of the tasks of one state.
    func parameters(of state: String) -> [JSON] { requests.filter { $0.stateName == state }.map(\.parameters) }
}

/// Answers by state, each list in order; the last of a list is given again and again.
final class Script {
    private var answers: [String: [DryRun.Answer]]

    init(_ answers: [String: [DryRun.Answer]]) { self.answers = answers }

    func callAsFunction(_ task: TaskRequest) -> DryRun.Answer {
        guard var list = answers[task.stateName], let first = list.first else {
            return .error("NotInTheScript", task.stateName)
        }
        if list.count > 1 { list.removeFirst() }
        answers[task.stateName] = list
        return first
    }
}
