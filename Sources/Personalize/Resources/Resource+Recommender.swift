internal import FoundationEssentials
internal import JSON

/// A recommender keeps its trainings in its own body, each in the form of a solution version's body:
/// `model` is what is served, `nextModel` what is being trained and becomes `model` in the commit that ends it.
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
            updatedAt: .distantPast
        )
    }

    /// The training of a recommender that is served, or will be once it is started; `nil` when there is none.
    var servedTraining: Resource? { kind == .recommender ? Self.training(of: arn, body["model"]) : nil }

    /// The training of a recommender that has not ended yet; `nil` when none is going on.
    var nextTraining: Resource? { kind == .recommender ? Self.training(of: arn, body["nextModel"]) : nil }

    /// The catalogue's entry of the recipe.
    var entry: CatalogEntry? { body["recipeArn"]?.string.flatMap { CatalogEntry.byARN[$0] } }
}
