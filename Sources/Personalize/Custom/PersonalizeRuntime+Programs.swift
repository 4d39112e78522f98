public import JSON
internal import Recommenders
internal import Shapes

extension PersonalizeRuntime {
    /// Whether a request is for a campaign that a program answers, which takes its time; such requests are for
    /// `programRecommendations` and `programRanking`.
    ///
    /// - Parameter input: The request.
    /// - Returns: Whether a program answers it.
    public func isForProgram(_ input: JSON) -> Bool {
        guard hasPrograms, let arn = input["campaignArn"]?.string else { return false }
        return program(arn) != nil
    }

    /// Recommends items by a campaign of a custom recipe.
    ///
    /// The program is asked the request as it is, with `numResults` where it was left out.
    ///
    /// - Parameter input: The request `GetRecommendations`.
    /// - Returns: Its answer: `itemList` and `recommendationId`.
    /// - Throws: `PersonalizeError`; with `modelError` when the program answers nonsense, with `serviceUnavailable` when
    ///   it does not answer.
    public func programRecommendations(_ input: JSON) async throws(PersonalizeError) -> JSON {
        try Shape.getRecommendations.validate(input)
        let campaign = try program(of: input)
        switch campaign.recipe.kind {
        case .relatedItems: try campaign.require("itemId", input)
        case .personalizedRanking:
            throw PersonalizeError(
                .invalidInput,
                "Campaign \"\(campaign.arn)\" ranks a given list of items; use GetPersonalizedRanking"
            )
        case .popularItems: break
        default: try campaign.require("userId", input)
        }
        try campaign.refuse(["filterArn", "promotions", "metadataColumns"], input)
        let count = try count(input)
        var question = input
        question["numResults"] = JSON(count)
        let (answering, answer) = try await ask(campaign.arn, .json(question))
        let items = try answering.items(of: answer).prefix(count)
        return [
            "itemList": .array(items.map { Self.answered($0.id, $0.score) }),
            "recommendationId": .string(recommendationID(of: answering.source)),
        ]
    }

    /// Puts a list of items in order by a campaign of a custom recipe; items the program leaves out come last.
    ///
    /// - Parameter input: The request `GetPersonalizedRanking`.
    /// - Returns: Its answer: `personalizedRanking` and `recommendationId`.
    /// - Throws: `PersonalizeError`, as `programRecommendations`.
    public func programRanking(_ input: JSON) async throws(PersonalizeError) -> JSON {
        try Shape.getPersonalizedRanking.validate(input)
        let campaign = try program(of: input)
        guard [.personalizedRanking, .userPersonalization].contains(campaign.recipe.kind) else {
            throw PersonalizeError(
                .invalidInput,
                "Campaign \"\(campaign.arn)\" does not rank items; its recipe is \(campaign.recipe.name)"
            )
        }
        try campaign.require("userId", input)
        try campaign.refuse(["filterArn", "metadataColumns"], input)
        var seen: Set<String> = []
        let wanted = (input["inputList"]?.array ?? []).compactMap(\.string).filter { seen.insert($0).inserted }
        guard !wanted.isEmpty else {
            throw PersonalizeError(.invalidInput, "inputList has 0 items; it must have 1 to 500")
        }
        let (answering, answer) = try await ask(campaign.arn, .json(input))
        let items = try answering.items(of: answer)
        if let other = items.first(where: { !seen.contains($0.id) }) {
            throw answering.fault("answered item \"\(other.id)\", which is not in the inputList")
        }
        let ranked = Set(items.map(\.id))
        let rest = wanted.filter { !ranked.contains($0) }
        return [
            "personalizedRanking": .array(
                items.map { Self.answered($0.id, $0.score) } + rest.map { Self.answered($0, nil) }
            ),
            "recommendationId": .string(recommendationID(of: answering.source)),
        ]
    }

    /// Asks the program that serves a campaign now; a campaign that moves meanwhile is answered by its next version.
    func ask(
        _ arn: String,
        _ question: ProgramMessage
    ) async throws(PersonalizeError) -> (ProgramCampaign, ProgramAnswer) {
        while true {
            guard let campaign = program(arn) else { throw .missing("Campaign", arn) }
            do throws(ProgramFault) {
                if let answer = try await campaign.program.invoke(question) { return (campaign, answer) }
            } catch {
                throw PersonalizeError(error.code == .failed ? .modelError : .serviceUnavailable, error.message)
            }
        }
    }

    private func program(of input: JSON) throws(PersonalizeError) -> ProgramCampaign {
        let arn = try input.required("campaignArn")
        guard let campaign = program(arn) else { throw .missing("Campaign", arn) }
        return campaign
    }

    private static func answered(_ id: String, _ score: Double?) -> JSON {
        var item: JSON = ["itemId": .string(id)]
        item["score"] = score.map(JSON.double)
        return item
    }
}

extension ProgramMessage {
    /// A request as JSON.
    static func json(_ value: JSON) -> ProgramMessage {
        ProgramMessage(body: value.utf8, contentType: "application/json", accept: "application/json")
    }
}

extension ProgramCampaign {
    fileprivate func require(_ member: String, _ input: JSON) throws(PersonalizeError) {
        guard input[member]?.string?.isEmpty ?? true else { return }
        throw PersonalizeError(.invalidInput, "'\(member)' must be given for recipe \(recipe.name)")
    }

    fileprivate func refuse(_ members: [String], _ input: JSON) throws(PersonalizeError) {
        for member in members where input[member] != nil {
            throw PersonalizeError(
                .invalidInput,
                "'\(member)' is not for recipe \(recipe.name), which is a program of your own; leave it out"
            )
        }
    }
}
