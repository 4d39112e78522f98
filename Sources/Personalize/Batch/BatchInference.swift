internal import JSON
internal import Kernels
internal import Recommenders
internal import Shapes

/// Answers questions for recommendations as a campaign of the same version would.
///
/// ```
/// {"userId": "4638"}                                   for USER_PERSONALIZATION and POPULAR_ITEMS
/// {"itemId": "105"}                                    for RELATED_ITEMS
/// {"userId": "891", "itemList": ["27", "886", "101"]}  for PERSONALIZED_RANKING
/// {"allUsers": true}, {"allItems": true}               ours: a question a user or item of the training
/// ```
/// Each may have `filterValues`. A line that cannot be answered gets `"output":null` and says why in `error`.
struct BatchInference: BatchAnswerer {
    let campaign: ServedCampaign
    /// The job's filter.
    let filter: RuntimeFilter?
    /// How many items are wanted for each; a ranking has all of its list.
    let count: Int

    /// What has become of a question.
    private enum Asked: Sendable {
        case query(Query)
        case ranked([JSON])
        case fault(String)
    }

    var crowd: BatchCrowd? {
        let index = campaign.served.index
        return kind == .relatedItems ? .items(index) : .users(index)
    }

    /// Less for large catalogues, since each question may bring a set of items, and for long answers.
    var roundSize: Int {
        let setSize = campaign.served.index.items.count / 8 + 64
        return max(64, min(4096, (64 << 20) / setSize, 1_000_000 / max(count, 1)))
    }

    private var kind: Recipe.Kind { campaign.served.entry.recipe.kind }

    func answers(to questions: [BatchQuestion], threads: Int) throws -> [[UInt8]] {
        let asked = try Parallel.mapBlocks(count: questions.count, blockSize: 64, threads: threads) { block in
            questions[block].map(ask)
        }
        .flatMap(\.self)
        let queries = asked.compactMap { asked in
            if case .query(let query) = asked { query } else { nil }
        }
        let found = campaign.served.model.recommend(queries, threads: threads)
        // Where in what was found each question's answer is.
        var places: [Int] = []
        var place = 0
        for asked in asked {
            places.append(place)
            if case .query = asked { place += 1 }
        }
        return try Parallel.mapBlocks(count: questions.count, blockSize: 64, threads: threads) { [places] block in
            var lines: [UInt8] = []
            for index in block {
                let items: [ScoredItem] = if case .query = asked[index] { found[places[index]] } else { [] }
                lines += line(questions[index].input, asked[index], items).utf8
                lines.append(UInt8(ascii: "\n"))
            }
            return lines
        }
    }

    private func ask(_ question: BatchQuestion) -> Asked {
        if let fault = question.fault { return .fault(fault) }
        do throws(PersonalizeError) {
            try Shape.batchQuestion.validate(question.input)
            guard kind == .personalizedRanking else {
                let query = try campaign.recommendationQuery(question.input, count: count)
                return .query(query.restricted(by: try restriction(question.input)))
            }
            var input = question.input
            guard let list = input["itemList"], list != [] else {
                return .fault("'itemList' must be given, with 1 to 500 items")
            }
            input["inputList"] = list
            return .ranked(try campaign.ranking(input, nil, try request(input)))
        } catch {
            return .fault(error.message)
        }
    }

    /// The job's filter with the values of a line.
    private func request(_ input: JSON) throws(PersonalizeError) -> FilterRequest? {
        guard let filter else {
            if let values = input["filterValues"]?.object, !values.isEmpty {
                throw PersonalizeError(.invalidInput, "filterValues needs a filter, and the job has no filterArn")
            }
            return nil
        }
        return try campaign.filterRequest(filter, input["filterValues"], input)
    }

    private func restriction(_ input: JSON) throws(PersonalizeError) -> FilterRestriction? {
        let requests = [try request(input), campaign.automaticRequest(input)].compactMap(\.self)
        return try campaign.filters.restriction(requests)
    }

    private func line(_ input: JSON, _ asked: Asked, _ found: [ScoredItem]) -> JSON {
        switch asked {
        case .fault(let fault): return ["input": input, "output": .null, "error": .string(fault)]
        case .query:
            let ids = found.map { JSON.string(campaign.served.index.items[$0.item]) }
            return line(input, ids, found.map(\.score))
        case .ranked(let items):
            return line(input, items.compactMap { $0["itemId"] }, items.map { $0["score"]?.double })
        }
    }

    /// Items that have no score among others that have, which a ranking does not know, get 0.
    private func line(_ input: JSON, _ ids: [JSON], _ scores: [Double?]) -> JSON {
        var output: JSONObject = ["recommendedItems": .array(ids)]
        if scores.contains(where: { $0 != nil }) { output["scores"] = .array(scores.map { .double($0 ?? 0) }) }
        return ["input": input, "output": .object(output), "error": .null]
    }
}

extension Shape {
    /// A line of a batch job's input.
    fileprivate static let batchQuestion = Shape.structure([
        .optional("userId", .words), .optional("itemId", .words),
        .optional("itemList", .list(.words, maximum: 500)), .optional("context", context),
        .optional("filterValues", filterValues),
    ])
}
