internal import FoundationEssentials
public import JSON
internal import Recommenders
internal import Shapes
internal import Synchronization

/// Answers requests for recommendations from what campaigns have loaded; reads no database.
///
/// A campaign that changes its model is replaced as a whole: requests that are being answered keep the old one, later
/// ones get the new one, and none is refused.
public final class PersonalizeRuntime: Sendable {
    private enum Entry: Sendable {
        case serving(ServedCampaign)
        /// A program of the user's answers.
        case program(ProgramCampaign)
        case waiting(ResourceStatus)
        /// It is ACTIVE, and what it serves cannot be read.
        case failed(String)
    }

    let filters = FilterTable()
    let trials = TrialTable()
    private let campaigns = Mutex<[String: Entry]>([:])
    /// How many campaigns programs answer; most services have none, and their requests need not look.
    private let programCount = Atomic(0)
    private let makeID: @Sendable () -> UUID
    let now: @Sendable () -> Date

    init(makeID: @escaping @Sendable () -> UUID, now: @escaping @Sendable () -> Date) {
        self.makeID = makeID
        self.now = now
    }

    /// Recommends items: to a user, or related to an item, as the campaign's recipe says.
    ///
    /// - Parameter input: The request `GetRecommendations`.
    /// - Returns: Its answer: `itemList` and `recommendationId`.
    /// - Throws: `PersonalizeError` with `InvalidInputException` or `ResourceNotFoundException`.
    public func getRecommendations(_ input: JSON) throws(PersonalizeError) -> JSON { try recommendations(input).json }

    /// Recommends items, and answers with the text of what `getRecommendations` answers, which takes less time.
    ///
    /// - Parameter input: The request `GetRecommendations`.
    /// - Returns: Its answer as compact JSON in UTF-8.
    /// - Throws: `PersonalizeError` with `InvalidInputException` or `ResourceNotFoundException`.
    public func getRecommendationsText(_ input: JSON) throws(PersonalizeError) -> [UInt8] {
        try recommendations(input).utf8
    }

    private func recommendations(_ input: JSON) throws(PersonalizeError) -> RecommendationAnswer {
        try Shape.getRecommendations.validate(input)
        let campaign = try campaign(input)
        let count = try count(input)
        let query = try campaign.recommendationQuery(input, count: count)
        let columns = try campaign.metadataColumns(input)
        let filters = try answerFilters(input, input, campaign)
        let promotion = try promotion(input, campaign)
        let id = recommendationID(of: campaign)
        let user = input["userId"]?.string
        let items = try campaign.recommend(query, for: user, filters, promotion, seed: id.seed)
        let isKnown = campaign.served.model.knows(query)
        note(campaign, input) { items.map(campaign.id) }
        return RecommendationAnswer(campaign: campaign, items: items, columns: columns, isKnown: isKnown, id: id)
    }

    /// Puts a list of items in the order of a user's interest.
    ///
    /// - Parameter input: The request `GetPersonalizedRanking`.
    /// - Returns: Its answer: `personalizedRanking` and `recommendationId`.
    /// - Throws: `PersonalizeError` with `InvalidInputException` or `ResourceNotFoundException`.
    public func getPersonalizedRanking(_ input: JSON) throws(PersonalizeError) -> JSON {
        try Shape.getPersonalizedRanking.validate(input)
        let campaign = trials.variant(of: try serving(try input.required("campaignArn"), .campaign), input)
        let columns = try campaign.metadataColumns(input)
        let list = try campaign.ranking(input, columns, try filterRequest(input, input, campaign))
        note(campaign, input) { list.compactMap { $0["itemId"]?.string } }
        return ["personalizedRanking": .array(list), "recommendationId": .string(recommendationID(of: campaign))]
    }

    /// What the Items dataset says of some items; columns without a value are left out.
    ///
    /// - Parameters:
    ///   - campaignArn: The campaign whose group's items are meant.
    ///   - ids: The items.
    /// - Returns: An object with an object a known item, column by column.
    /// - Throws: `PersonalizeError` with `ResourceNotFoundException` or `InvalidInputException`.
    public func itemMetadata(_ campaignArn: String, ids: [String]) throws(PersonalizeError) -> JSON {
        let kind: ResourceKind = ARN.isRecommender(campaignArn) ? .recommender : .campaign
        guard let metadata = try serving(campaignArn, kind).metadata else { return [:] }
        var answer = JSONObject()
        for id in ids {
            guard let row = metadata.row(id, columns: nil) else { continue }
            answer[id] = row
        }
        return .object(answer)
    }

    /// Which solution version a campaign serves right now.
    ///
    /// - Parameter campaignArn: The campaign.
    /// - Returns: The version's ARN; `nil` when the campaign serves none.
    public func servedVersion(_ campaignArn: String) -> String? {
        switch campaigns.withLock({ $0[campaignArn] }) {
        case .serving(let campaign): campaign.served.versionArn
        case .program(let campaign): campaign.versionArn
        default: nil
        }
    }
}

// MARK: - The table of campaigns

extension PersonalizeRuntime {
    /// Serves a campaign from now on, or serves it with something new.
    func install(_ campaign: ServedCampaign) { set(.serving(campaign), for: campaign.arn) }

    /// Serves a campaign from now on by a program, or by another one.
    func install(_ campaign: ProgramCampaign) { set(.program(campaign), for: campaign.arn) }

    /// Puts something in a campaign's place; a program that was there ends when its questions are answered.
    private func set(_ entry: Entry?, for arn: String) {
        let replaced = campaigns.withLock { campaigns in
            let replaced = campaigns[arn]
            campaigns[arn] = entry
            return replaced
        }
        if case .program = entry { programCount.add(1, ordering: .relaxed) }
        guard case .program(let campaign) = replaced else { return }
        programCount.subtract(1, ordering: .relaxed)
        campaign.program.retire()
    }

    /// Whether any campaign is answered by a program.
    var hasPrograms: Bool { programCount.load(ordering: .relaxed) > 0 }

    /// The campaign of an ARN, where a program answers it.
    func program(_ arn: String) -> ProgramCampaign? {
        guard case .program(let campaign) = campaigns.withLock({ $0[arn] }) else { return nil }
        return campaign
    }

    /// Takes note of a campaign that cannot be served in its status; one that is ACTIVE stays as it is.
    func note(_ arn: String, _ status: ResourceStatus) {
        guard status != .active else { return }
        set(.waiting(status), for: arn)
    }

    /// Tells requests why a campaign cannot be served; one that is served goes on with what it has.
    func fail(_ arn: String, _ reason: String) {
        campaigns.withLock { campaigns in
            switch campaigns[arn] {
            case nil, .failed: campaigns[arn] = .failed(reason)
            case .serving, .program, .waiting: break
            }
        }
    }

    /// Forgets a campaign or a filter.
    func remove(_ arn: String) {
        set(nil, for: arn)
        filters.remove(arn)
        trials.set(nil, of: arn)
    }

    /// The campaigns that are served.
    var served: [ServedCampaign] {
        campaigns.withLock { campaigns in
            campaigns.values.compactMap { entry in
                if case .serving(let campaign) = entry { campaign } else { nil }
            }
        }
    }

    func campaign(_ input: JSON) throws(PersonalizeError) -> ServedCampaign {
        switch (input["campaignArn"]?.string, input["recommenderArn"]?.string) {
        case (let arn?, nil): return trials.variant(of: try serving(arn, .campaign), input)
        case (nil, let arn?): return try serving(arn, .recommender)
        case (nil, nil): throw PersonalizeError(.invalidInput, "'campaignArn' or 'recommenderArn' must be given")
        default:
            throw PersonalizeError(.invalidInput, "campaignArn and recommenderArn exclude each other; give one of them")
        }
    }

    private func serving(_ arn: String, _ kind: ResourceKind) throws(PersonalizeError) -> ServedCampaign {
        guard ARN.isRecommender(arn) == (kind == .recommender) else { throw .missing(kind.title, arn) }
        switch campaigns.withLock({ $0[arn] }) {
        case .serving(let campaign): return campaign
        case .program(let campaign):
            throw PersonalizeError(
                .invalidInput,
                "\(kind.title) \"\(arn)\" is of the recipe \(campaign.recipe.name), a program of your own, which answers "
                    + "GetRecommendations, GetPersonalizedRanking and InvokeEndpoint"
            )
        case .waiting(let status):
            let remedy = status == .inactive ? "; start it with StartRecommender" : ""
            throw PersonalizeError(
                .invalidInput,
                "\(kind.title) \"\(arn)\" has status \(status.rawValue); it must be ACTIVE\(remedy)"
            )
        case .failed(let reason):
            throw PersonalizeError(.invalidInput, "\(kind.title) \"\(arn)\" cannot be served: \(reason)")
        case nil: throw .missing(kind.title, arn)
        }
    }

    func count(_ input: JSON) throws(PersonalizeError) -> Int {
        let wanted = input["numResults"]?.int ?? 0
        let limit = input["metadataColumns"] == nil ? 500 : 50
        guard wanted <= limit else {
            throw PersonalizeError(.invalidInput, "numResults \"\(wanted)\" must be \(limit) or less")
        }
        return wanted == 0 ? 25 : wanted
    }

    /// Takes note of an answer, where something is tried out with its campaign.
    func note(_ campaign: ServedCampaign, _ input: JSON, _ items: () -> [String]) {
        trials.note(campaign, input, items, at: Int64(now().timeIntervalSince1970))
    }

    /// The items that a version in the shadow would have answered a request with; promotions are left out.
    func items(of shadow: ServedCampaign, _ input: JSON) throws(PersonalizeError) -> [String] {
        guard input["inputList"] == nil else {
            return try shadow.ranking(input, nil, try filterRequest(input, input, shadow))
                .compactMap { $0["itemId"]?.string }
        }
        let query = try shadow.recommendationQuery(input, count: try count(input))
        let filters = try answerFilters(input, input, shadow)
        let items = try shadow.recommend(query, for: input["userId"]?.string, filters, nil, seed: 0)
        return items.map { $0.unknownID ?? shadow.served.index.items[$0.item.item] }
    }

    func recommendationID(of campaign: ServedCampaign) -> String { recommendationID(of: campaign.source) }

    func recommendationID(of source: RecommendationID.Source) -> String {
        RecommendationID(source, random: makeID()).text
    }
}

// MARK: - Filters and promotions

extension PersonalizeRuntime {
    /// The filter that a request or its promotion names; `nil` when it names none.
    func filterRequest(
        _ owner: JSON,
        _ input: JSON,
        _ campaign: ServedCampaign,
        about subject: FilterExpression.Subject = .item
    ) throws(PersonalizeError) -> FilterRequest? {
        guard let arn = owner["filterArn"]?.string else {
            if let values = owner["filterValues"]?.object, !values.isEmpty {
                throw PersonalizeError(.invalidInput, "filterValues needs a filterArn, whose parameters they are for")
            }
            return nil
        }
        let filter = try filters.filter(arn, of: campaign.groupArn)
        return try campaign.filterRequest(filter, owner["filterValues"], input, about: subject)
    }

    /// The filter that a request or its promotion names, and the recipe's own.
    func answerFilters(
        _ owner: JSON,
        _ input: JSON,
        _ campaign: ServedCampaign
    ) throws(PersonalizeError) -> AnswerFilters {
        var requests: [FilterRequest] = []
        if let own = try filterRequest(owner, input, campaign) { requests.append(own) }
        if let automatic = campaign.automaticRequest(input) { requests.append(automatic) }
        return AnswerFilters(requests: requests, restriction: try campaign.filters.restriction(requests))
    }

    private func promotion(_ input: JSON, _ campaign: ServedCampaign) throws(PersonalizeError) -> Promotion? {
        guard let promotion = input["promotions"]?[0] else { return nil }
        let filters = try answerFilters(promotion, input, campaign)
        guard promotion["filterArn"]?.string != nil else {
            throw PersonalizeError(.invalidInput, "'promotions[0].filterArn' must be given: it says what is promoted")
        }
        guard let percent = promotion["percentPromotedItems"]?.int else {
            throw PersonalizeError(.invalidInput, "'promotions[0].percentPromotedItems' must be given, from 1 to 100")
        }
        return Promotion(name: promotion["name"]?.string, percent: percent, filters: filters)
    }
}

extension String {
    /// A number that depends on nothing but the text (FNV-1a, 64 bits).
    var seed: UInt64 {
        utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}

// MARK: - Shapes

extension Shape {
    static let getRecommendations = Shape.structure([
        .optional("campaignArn", .arn), .optional("itemId", .words), .optional("userId", .words),
        .optional("numResults", .integer(0...Int.max)), .optional("context", context), .optional("filterArn", .arn),
        .optional("filterValues", filterValues), .optional("recommenderArn", .arn),
        .optional("metadataColumns", metadataColumns), .optional("promotions", .list(promotion, maximum: 1)),
    ])

    static let getPersonalizedRanking = Shape.structure([
        .required("campaignArn", .arn), .required("inputList", .list(.words, maximum: 500)),
        .required("userId", .words), .optional("context", context), .optional("filterArn", .arn),
        .optional("filterValues", filterValues), .optional("metadataColumns", metadataColumns),
    ])

    static let context = Shape.map(key: .text(0...150, .attribute), value: .text(0...1000), maximum: 150)
    static let filterValues = Shape.map(key: .text(0...50, .attribute), value: .text(0...1000), maximum: 25)
    private static let promotion = Shape.structure([
        .optional("name", .name), .optional("percentPromotedItems", .integer(1...100)), .optional("filterArn", .arn),
        .optional("filterValues", filterValues),
    ])
    private static let metadataColumns = Shape.map(
        key: .words,
        value: .list(.text(0...150), maximum: 99),
        maximum: 1
    )
}
