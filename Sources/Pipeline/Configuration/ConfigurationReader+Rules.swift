internal import JSON
internal import Personalize
internal import Scheduler

/// What is wrong in any shape, in the words of the house.
extension ConfigurationReader {
    mutating func checkSchema(_ schema: JSON, of type: String, domain: String?, at path: String) {
        do throws(SchemaError) {
            let schema = try Schema(schema, domain: domain.flatMap(Domain.init))
            guard schema.datasetType.rawValue != type else { return }
            refuse("\(path).name", "\"\(schema.datasetType.rawValue)\" must be \"\(type)\", as its section")
        } catch {
            for fault in error.faults { refuse(ConfigurationReader.join(path, fault.path), fault.message) }
        }
    }

    /// What the operation would refuse later, after the hours that an import may take.
    mutating func checkSolution(_ solution: JSON, at path: String) {
        let faultsBefore = faults.count
        checkRecipe(solution, at: path)
        if solution["recipeArn"]?.string != nil, solution["performAutoML"]?.bool == true {
            refuse("\(path).performAutoML", "must not be true beside recipeArn; give one of them")
        }
        guard faults.count == faultsBefore,
            let fault = PersonalizeService.ruleFault(in: solution, of: "CreateSolution")
        else { return }
        refuse(path, fault)
    }

    mutating func checkCampaign(_ campaign: JSON, at path: String) {
        guard campaign["campaignConfig"]?["syncWithLatestSolutionVersion"]?.bool == true else { return }
        refuse(
            "\(path).campaignConfig.syncWithLatestSolutionVersion",
            "must not be true: the pipeline itself moves the campaign to each new version; leave it out"
        )
    }

    mutating func checkRecipe(
        _ request: JSON,
        among known: [String] = PersonalizeService.recipeARNs,
        at path: String
    ) {
        guard let recipe = request["recipeArn"]?.string else { return }
        guard !known.contains(recipe) else { return }
        // One of the user's own is looked for where the service is.
        if known == PersonalizeService.recipeARNs, CustomRecipe.mayName(recipe) { return }
        let hint =
            if let meant = NearestName.find(recipe, among: known) {
                "did you mean \"\(meant)\"?"
            } else {
                "the recipes here are \(known.map { "\"\($0)\"" }.joined(separator: ", "))"
            }
        refuse("\(path).recipeArn", "\"\(recipe)\" is not a known recipe, \(hint)")
    }

    mutating func checkSchedule(_ expression: String, at path: String) {
        if let fault = Self.scheduleFault(expression) { refuse(path, "is not valid: \(fault)") }
    }

    /// What is wrong with when something is to happen.
    static func scheduleFault(_ expression: String) -> String? {
        do throws(SchedulerError) {
            _ = try ScheduleExpression(expression)
            return nil
        } catch {
            return error.message
        }
    }
}
