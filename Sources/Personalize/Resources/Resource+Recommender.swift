internal import FoundationEssentials
internal import JSON

/// A recommender keeps its trainings in its own body, each in the form of a solution version's body:
/// `model` is what is served, `nextModel` what is being trained and becomes `model` in the commit that ends it;
/// `earlierModels` says of what was served before what it was trained by.
extension Resource {
    /// A training of a recommender as a solution version, whose ARN is the recommender's with the training's id.
    static func training(of recommenderArn: String, _ body: JSON?) -> Resource? {
        guard let body, let id = body["id"]?.string else { return nil }
        return Resource(
            arn: "\(recommenderArn)/\(id)",
            kind: .solutionVersion,
            name: "",
            parentArn: recommenderArn,
            status: .active,
            body: body,
            createdAt: .distantPast,
            updatedAt: .distantPast,
            sequence: RecommendationID.number(ofTraining: id)
        )
    }

    /// How many earlier trainings a recommender remembers: those of a year, when it is trained once a week.
    private static let rememberedTrainings = 52

    /// The trainings of a recommender whose answers can be told where they came from; the served one is the last.
    var knownTrainings: [Resource] {
        guard kind == .recommender else { return [] }
        return ((body["earlierModels"]?.array ?? []) + [body["model"]].compactMap(\.self))
            .compactMap { Self.training(of: arn, $0) }
    }

    /// Lets a recommender serve a training from now on, and remember what the one before was trained by.
    mutating func serve(_ model: JSON) {
        if var earlier = body["model"] {
            earlier["metrics"] = nil
            let models = (body["earlierModels"]?.array ?? []) + [earlier]
            body["earlierModels"] = .array(models.suffix(Self.rememberedTrainings))
        }
        body["model"] = model
    }

    /// The training of a recommender that is served, or will be once it is started; `nil` when there is none.
    var servedTraining: Resource? { kind == .recommender ? Self.training(of: arn, body["model"]) : nil }

    /// The training of a recommender that has not ended yet; `nil` when none is going on.
    var nextTraining: Resource? { kind == .recommender ? Self.training(of: arn, body["nextModel"]) : nil }

    /// The catalogue's entry of the recipe.
    var entry: CatalogEntry? { body["recipeArn"]?.string.flatMap { CatalogEntry.byARN[$0] } }
}
