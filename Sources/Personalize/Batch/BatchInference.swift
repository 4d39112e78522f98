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
///
/// Where the job's configuration gives an `explorationWeight`, new items have their share of each answer; which they are
/// follows from the job and the question, so that a job that goes on after a crash answers as if nothing had been.
struct BatchInference: BatchAnswerer {
    let campaign: ServedCampaign
    /// The job's filter.
    let filter: RuntimeFilter?
    /// How many items are wanted for each; a ranking has all of its list.
    let count: Int

    /// What has become of a question.
    private enum Asked: Sendable {
        case query(Query)
        case explored([AnsweredItem])
        case ranked([JSON])
        case fault(String)

        var fault: String? {
            if case .fault(let fault) = self { fault } else { nil }
        }
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

    /// How many questions a thread answers at one time: enough for the items to be read once for many of them.
    private static let blockSize = 256

    func answers(to questions: [BatchQuestion], threads: Int) throws -> [[UInt8]] {
        let share = (questions.count + threads - 1) / max(threads, 1)
        let size = max(1, min(Self.blockSize, share))
        return try Parallel.mapBlocks(count: questions.count, blockSize: size, threads: threads) { block in
            answers(to: questions[block])
        }
    }

    /// Answers some questions from the first to the last step on the thread that calls it, so that none waits for
    /// another between the steps.
    private func answers(to questions: ArraySlice<BatchQuestion>) -> [UInt8] {
        let asked = questions.map(ask)
        let queries = asked.compactMap { asked in
            if case .query(let query) = asked { query } else { nil }
        }
        var found = campaign.served.model.recommend(queries, threads: 1)[...]
        var writer = JSONWriter(capacity: questions.count * (64 + 40 * count))
        for (question, asked) in zip(questions, asked) {
            write(question.input, asked, &found, to: &writer)
            writer.endLine()
        }
        return writer.utf8
    }

    private func ask(_ question: BatchQuestion) -> Asked {
        if let fault = question.fault { return .fault(fault) }
        do throws(PersonalizeError) {
            try Shape.batchQuestion.validate(question.input)
            guard kind == .personalizedRanking else {
                let query = try campaign.recommendationQuery(question.input, count: count)
                let filters = try filters(question.input)
                guard campaign.exploration != nil else { return .query(query.restricted(by: filters.restriction)) }
                let (user, seed) = (question.input["userId"]?.string, (campaign.arn + question.input.text).seed)
                return .explored(try campaign.recommend(query, for: user, filters, nil, seed: seed))
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

    private func filters(_ input: JSON) throws(PersonalizeError) -> AnswerFilters {
        let requests = [try request(input), campaign.automaticRequest(input)].compactMap(\.self)
        return AnswerFilters(requests: requests, restriction: try campaign.filters.restriction(requests))
    }

    /// Writes a line of output; the answer to a query is the first of those that were found.
    private func write(
        _ input: JSON,
        _ asked: Asked,
        _ found: inout ArraySlice<[ScoredItem]>,
        to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.key("input")
        writer.value(input)
        writer.key("output")
        switch asked {
        case .fault: writer.value(.null)
        case .query: write((found.popFirst() ?? []).map { AnsweredItem(item: $0) }, to: &writer)
        case .explored(let items): write(items, to: &writer)
        case .ranked(let items): write(items, to: &writer)
        }
        writer.key("error")
        writer.value(asked.fault.map(JSON.string) ?? .null)
        writer.endObject()
    }

    private func write(_ items: [AnsweredItem], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("recommendedItems")
        writer.beginArray()
        for item in items { campaign.writeID(of: item, to: &writer) }
        writer.endArray()
        write(scores: items.map(\.item.score), to: &writer)
        writer.endObject()
    }

    private func write(_ items: [JSON], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("recommendedItems")
        writer.value(.array(items.compactMap { $0["itemId"] }))
        write(scores: items.map { $0["score"]?.double }, to: &writer)
        writer.endObject()
    }

    /// Items that have no score among others that have, which a ranking does not know, get 0.
    private func write(scores: [Double?], to writer: inout JSONWriter) {
        guard scores.contains(where: { $0 != nil }) else { return }
        writer.key("scores")
        writer.beginArray()
        for score in scores { writer.number(score ?? 0) }
        writer.endArray()
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
