internal import FoundationEssentials
internal import JSON
internal import Shapes

extension Operation {
    static let updateSolution = Operation.write(
        "UpdateSolution",
        .structure([
            .required("solutionArn", .arn), .optional("performAutoTraining", .boolean),
            .optional("performIncrementalUpdate", .boolean),
            .optional("solutionUpdateConfig", .solutionUpdateConfig),
        ])
    ) { service, input throws(PersonalizeError) in
        var solution = try await service.resource(.solution, try input.required("solutionArn"))
        guard solution.status == .active, !solution.isUpdating else {
            throw .inUse(solution, "it can be updated when it is ACTIVE and no update is going on")
        }
        var update: JSON = [:]
        for member in SolutionUpdate.members { update[member] = input[member] }
        guard update != [:] else {
            let members = SolutionUpdate.members.joined(separator: ", ")
            throw PersonalizeError(.invalidInput, "nothing is to be updated; give one of \(members)")
        }
        var updated = solution.body
        SolutionUpdate.apply(update, to: &updated)
        try AutoTrainingRules.check(updated)
        try await service.checkColumns(of: updated, service.resource(.datasetGroup, solution.parentArn ?? ""))
        update["status"] = .string(ResourceStatus.createPending.rawValue)
        update["creationDateTime"] = .seconds(of: service.now())
        update["lastUpdatedDateTime"] = .seconds(of: service.now())
        solution.body["latestSolutionUpdate"] = update
        var decision = Decision()
        decision.transition.updates = [solution]
        decision.response = ["solutionArn": .string(solution.arn)]
        return decision
    }
}

/// What an update of a solution changes of it; versions that are there already stay as they are.
enum SolutionUpdate {
    /// The members that it may give, and that `latestSolutionUpdate` shows.
    static let members = ["performAutoTraining", "performIncrementalUpdate", "solutionUpdateConfig"]

    /// Brings an update's members into a solution's body.
    static func apply(_ update: JSON, to solution: inout JSON) {
        for member in members.prefix(2) {
            if let value = update[member] { solution[member] = value }
        }
        guard let given = update["solutionUpdateConfig"]?.object, !given.isEmpty else { return }
        var config = solution["solutionConfig"] ?? [:]
        for (member, value) in given { config[member] = value }
        solution["solutionConfig"] = config
    }
}

extension PersonalizeService {
    /// Brings the update of a solution to its end.
    func applyUpdate(_ solution: Resource) async {
        let time = now()
        await change(solution.arn) { solution in
            guard solution.isUpdating, var update = solution.body["latestSolutionUpdate"] else { return false }
            let wasTraining = solution.body["performAutoTraining"]?.bool == true
            SolutionUpdate.apply(update, to: &solution.body)
            if !wasTraining, solution.body["performAutoTraining"]?.bool == true {
                solution.body["autoTrainingSince"] = .seconds(of: time)
            }
            update["status"] = .string(ResourceStatus.active.rawValue)
            update["lastUpdatedDateTime"] = .seconds(of: time)
            solution.body["latestSolutionUpdate"] = update
            return true
        }
    }
}
