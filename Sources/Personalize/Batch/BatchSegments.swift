internal import JSON
internal import Kernels
internal import Recommenders
internal import Shapes

/// Answers questions for the users who are most interested in an item or in the items of some attributes.
///
/// ```
/// {"itemId": "105"}                                           for aws-item-affinity
/// {"itemAttributes": "ITEMS.genres = \"Comedy\" AND …"}       for aws-item-attribute-affinity
/// {"allItems": true}                                          ours: a question an item of the training
/// ```
/// Each may have `filterValues`. Users stand in the order of their interest.
struct BatchSegments: BatchAnswerer {
    let campaign: ServedCampaign
    /// The schema of the Items dataset; `nil` when there is none.
    let itemSchema: Schema?
    /// The users as a filter is evaluated on them.
    let users: FilterCatalog
    /// The job's filter.
    let filter: RuntimeFilter?
    /// How many users are wanted for each.
    let count: Int

    private enum Asked: Sendable {
        case query(SegmentQuery)
        case fault(String)
    }

    private static let prefix = "INCLUDE ItemID WHERE "

    var crowd: BatchCrowd? { asksForAttributes ? nil : .items(campaign.served.index) }

    /// Less where answers are long.
    var roundSize: Int {
        let size = min(count, campaign.served.index.users.count) + campaign.served.index.users.count / 8
        return max(1, min(1024, 4_000_000 / max(size, 1)))
    }

    private var asksForAttributes: Bool { campaign.served.entry.recipe == .itemAttributeAffinity }

    func answers(to questions: [BatchQuestion], threads: Int) throws -> [[UInt8]] {
        let asked = try Parallel.mapBlocks(count: questions.count, blockSize: 16, threads: threads) { block in
            questions[block].map(ask)
        }
        .flatMap(\.self)
        let queries = asked.map { asked in
            if case .query(let query) = asked { query } else { SegmentQuery(items: [], count: 0) }
        }
        guard let found = campaign.served.model.segments(queries, threads: threads) else {
            throw TrainingRefusal("The model of \"\(campaign.served.versionArn)\" has no users; train it again.")
        }
        return try Parallel.mapBlocks(count: questions.count, blockSize: 1, threads: threads) { block in
            let index = block.lowerBound
            return line(questions[index].input, asked[index], found[index]).utf8 + [UInt8(ascii: "\n")]
        }
    }

    private func ask(_ question: BatchQuestion) -> Asked {
        if let fault = question.fault { return .fault(fault) }
        do throws(PersonalizeError) {
            try Shape.segmentQuestion.validate(question.input)
            let items = asksForAttributes ? try matching(question.input) : [try item(question.input)]
            var query = SegmentQuery(items: items, count: count)
            query.excluded = try excluded(question.input)
            // Users who were deleted since the training.
            query.excluded.formUnion(ItemSet(campaign.served.index.users.hidden))
            return .query(query)
        } catch {
            return .fault(error.message)
        }
    }

    private func item(_ input: JSON) throws(PersonalizeError) -> UInt32 {
        guard let id = input["itemId"]?.string, !id.isEmpty else { throw missing("itemId") }
        guard let code = campaign.served.index.items.code(of: id) else {
            throw PersonalizeError(.invalidInput, "item \"\(id)\" is unknown to the solution version")
        }
        return code
    }

    private func missing(_ member: String) -> PersonalizeError {
        PersonalizeError(.invalidInput, "'\(member)' must be given for recipe \(campaign.served.entry.name)")
    }

    /// The items that have all of the attributes of a query.
    private func matching(_ input: JSON) throws(PersonalizeError) -> [UInt32] {
        guard let text = input["itemAttributes"]?.string, !text.isEmpty else { throw missing("itemAttributes") }
        let filter = RuntimeFilter(arn: "itemAttributes", groupArn: campaign.groupArn, expression: try query(text))
        let request = FilterRequest(filter: filter, values: FilterValues())
        let others = try campaign.filters.restriction(request).excluded
        return (0..<UInt32(campaign.served.index.items.count)).filter { !others.contains($0) }
    }

    /// A query as an expression; only = and AND may stand in it.
    private func query(_ text: String) throws(PersonalizeError) -> FilterExpression {
        do throws(FilterFault) {
            let expression = try FilterParser.parse(Self.prefix + text)
            try expression.check(itemSchema.map { [.items: $0] } ?? [:])
            guard expression.isAttributeQuery else {
                throw FilterFault(
                    position: Self.prefix.count + 1,
                    symbol: text,
                    fact: "Only conditions as ITEMS.FIELD = \"value\" joined by AND may stand there."
                )
            }
            return expression
        } catch {
            let place = max(error.position - Self.prefix.count, 1)
            throw PersonalizeError(
                .invalidInput,
                "itemAttributes: Invalid input symbol: \(error.symbol). \(error.fact) (character \(place))"
            )
        }
    }

    private func excluded(_ input: JSON) throws(PersonalizeError) -> ItemSet {
        guard let filter else {
            if let values = input["filterValues"]?.object, !values.isEmpty {
                throw PersonalizeError(.invalidInput, "filterValues needs a filter, and the job has no filterArn")
            }
            return []
        }
        let values = try FilterValues(input["filterValues"], for: filter.expression, filter.arn)
        return try users.restriction(FilterRequest(filter: filter, values: values)).excluded
    }

    /// A line of output; a query of attributes stands in it as the service writes it, without `input` around it.
    private func line(_ input: JSON, _ asked: Asked, _ found: [UInt32]?) -> JSON {
        var line = JSONObject()
        if asksForAttributes, let query = input["itemAttributes"] {
            line["itemAttributes"] = query
        } else {
            line["input"] = input
        }
        switch asked {
        case .fault(let fault):
            line["output"] = .null
            line["error"] = .string(fault)
        case .query:
            let ids = found?.map { JSON.string(campaign.served.index.users[$0]) }
            line["output"] = ids.map { ["recommendedUsers": .array($0)] } ?? .null
            line["error"] = ids == nil ? "no item with interactions is meant" : .null
        }
        return .object(line)
    }
}

extension FilterExpression {
    /// Whether it says no more than that fields of Items equal values.
    fileprivate var isAttributeQuery: Bool {
        guard clauses.count == 1, clauses[0].dataset == .items, clauses[0].guards.isEmpty,
            clauses[0].alternatives.count == 1
        else { return false }
        return clauses[0].conditions.allSatisfy { condition in
            guard condition.comparison == .equal, case .values(let values) = condition.operand else { return false }
            return values.allSatisfy { value in
                if case .literal = value.kind { true } else { false }
            }
        }
    }
}

extension Shape {
    fileprivate static let segmentQuestion = Shape.structure([
        .optional("itemId", .words), .optional("itemAttributes", .text(0...2500)),
        .optional("filterValues", filterValues),
    ])
}
