import HTTPAPI
import JSON
import Personalize
import Recommenders

extension OperationTable {
    /// Judging solution versions by one hold-out.
    mutating func addEvaluation(_ personalize: PersonalizeService) {
        self["DescribeSolutionVersionFiles"] = { input in
            try await personalize.evaluationFiles(of: input["solutionVersionArn"]?.string ?? "")
        }
        self["EvaluateSolutionVersions"] = { input in
            let request = try EvaluationRequest(input)
            let report = try await personalize.evaluate(
                request.versions,
                beside: request.recipes,
                holdOut: request.holdOut,
                seed: request.seed
            )
            var answer = report.json
            answer["table"] = .array(([report.headings] + report.rows).map { .array($0.map { .string($0) }) })
            answer["summary"] = .string(report.summary)
            answer["remarks"] = .array(report.remarks.map { .string($0) })
            return answer
        }
    }
}

/// What `EvaluateSolutionVersions` is asked.
private struct EvaluationRequest {
    let versions: [String]
    let recipes: [Recipe]
    let holdOut: HoldOut
    let seed: UInt64?

    init(_ input: JSON) throws(WireError) {
        versions = (input["solutionVersionArns"]?.array ?? []).compactMap(\.string)
        do throws(EvaluationFault) {
            recipes = try RecipeComparison.recipes(named: (input["recipes"]?.array ?? []).compactMap(\.string))
        } catch {
            throw WireError("ValidationException", error.description)
        }
        let name = input["protocol"]?.string ?? HoldOut.personalize.rawValue
        guard let holdOut = HoldOut(rawValue: name) else {
            let known = HoldOut.allCases.map(\.rawValue).joined(separator: ", ")
            throw WireError("ValidationException", "protocol \"\(name)\" is not known; there are \(known)")
        }
        self.holdOut = holdOut
        seed = try Self.seed(input["seed"])
    }

    private static func seed(_ json: JSON?) throws(WireError) -> UInt64? {
        guard let json, !json.isNull else { return nil }
        guard let seed = json.string.flatMap(UInt64.init) ?? json.int.flatMap(UInt64.init(exactly:)) else {
            throw WireError("ValidationException", "seed \(json.text) must be an integer of zero or more")
        }
        return seed
    }
}
