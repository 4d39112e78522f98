internal import JSON

/// A campaign that is answered by a program; immutable, and replaced as a whole.
final class ProgramCampaign: Sendable {
    let arn: String
    let versionArn: String
    let recipe: CustomRecipe
    /// What the ids of its answers tell.
    let source: RecommendationID.Source
    let program: any ServedProgram

    init(
        arn: String,
        versionArn: String,
        recipe: CustomRecipe,
        source: RecommendationID.Source,
        program: any ServedProgram
    ) {
        self.arn = arn
        self.versionArn = versionArn
        self.recipe = recipe
        self.source = source
        self.program = program
    }

    /// What a program's answer to `GetRecommendations` or `GetPersonalizedRanking` must look like.
    private static let shape = "{\"itemList\": [{\"itemId\": \"1\", \"score\": 0.5}]}"

    /// The items of an answer, in its order.
    ///
    /// - Throws: `PersonalizeError` with `modelError` for what is no such answer.
    func items(of answer: ProgramAnswer) throws(PersonalizeError) -> [(id: String, score: Double?)] {
        let text = answer.message.body
        guard (200..<300).contains(answer.status) else {
            throw fault("answered with status \(answer.status): \(Self.shown(text))")
        }
        let value: JSON
        do throws(JSONError) {
            value = try JSON(parsing: text)
        } catch {
            throw fault("answered what is no JSON (\(error)): \(Self.shown(text)); it must answer \(Self.shape)")
        }
        guard let list = value["itemList"]?.array else {
            throw fault("answered without an itemList: \(Self.shown(text)); it must answer \(Self.shape)")
        }
        var items: [(id: String, score: Double?)] = []
        var seen: Set<String> = []
        for (index, item) in list.enumerated() {
            guard let id = item["itemId"]?.string ?? item["itemId"]?.int.map(String.init), !id.isEmpty else {
                throw fault("answered an itemList whose element \(index) has no itemId; it must answer \(Self.shape)")
            }
            let score = item["score"].flatMap { $0.isNull ? nil : $0 }
            guard score == nil || score?.double?.isFinite == true else {
                throw fault("answered item \"\(id)\" with a score that is no number: \(score?.text ?? "")")
            }
            if seen.insert(id).inserted { items.append((id, score?.double)) }
        }
        return items
    }

    /// A fault of the program, told with who and what it is.
    func fault(_ fact: String) -> PersonalizeError {
        PersonalizeError(.modelError, "the program of recipe \"\(recipe.name)\" that serves \"\(arn)\" \(fact)")
    }

    private static func shown(_ text: [UInt8]) -> String {
        let shown = String(decoding: text.prefix(200), as: UTF8.self)
        return text.count > 200 ? "\"\(shown)…\" (\(text.count) bytes)" : "\"\(shown)\""
    }
}
