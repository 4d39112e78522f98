internal import JSON
internal import Recommenders

/// How much of an answer is given to new items, as a campaign's `itemExplorationConfig` says.
///
/// Of every n places n · weight are explored on average over all answers, and each answer has the whole number below that
/// or the one above. Which it is, which items, and at which places, follows from the answer's id alone. The other places
/// hold what the model ranks first, whether it is new or not.
/// [Sutton, Barto: "Reinforcement learning", 2018, section 2.2, for exploring a fixed share of choices]
struct Exploration: Sendable, Equatable {
    /// The share of places, 0 to 1.
    var weight = 0.3
    /// An item is new for so many days before the newest interaction.
    var cutOffDays = 30.0

    /// The score of what was not chosen for its score.
    static let score = 0.0

    static let weightName = "explorationWeight"
    static let cutOffName = "explorationItemAgeCutOff"

    /// What a `campaignConfig` says; nil when it says nothing of exploration, or that there is none.
    init?(_ config: JSON?) {
        guard let given = config?["itemExplorationConfig"]?.object, !given.isEmpty else { return nil }
        weight = given[Self.weightName]?.string.flatMap(Double.init) ?? weight
        cutOffDays = given[Self.cutOffName]?.string.flatMap(Double.init) ?? cutOffDays
        guard weight > 0 else { return nil }
    }

    /// An exploration.
    init(weight: Double, cutOffDays: Double) {
        self.weight = weight
        self.cutOffDays = cutOffDays
    }

    /// How many of so many places are explored.
    ///
    /// - Parameters:
    ///   - total: How many places there are.
    ///   - draw: A number of `0 ..< 1`, which decides about the fraction.
    /// - Returns: The whole number of places.
    func count(of total: Int, draw: Double) -> Int {
        min(Int(Double(total) * weight + draw), total)
    }

    /// The time, in seconds since 1970, from which on an item counts as new.
    func start(newest: Int64) -> Int64 {
        Int64(clamping: Double(newest) - cutOffDays * 86_400)
    }
}

extension Exploration {
    /// Refuses what is no exploration, and one for a recipe that offers none.
    static func check(_ config: JSON?, _ version: Resource) throws(PersonalizeError) {
        guard let given = config?["itemExplorationConfig"]?.object, !given.isEmpty else { return }
        for (name, value) in given { try check(name, value.string ?? "") }
        let recipe = version.body["recipeArn"]?.string
        guard let entry = recipe.flatMap({ CatalogEntry.byARN[$0] }), !entry.explores else { return }
        throw PersonalizeError(
            .invalidInput,
            "campaignConfig.itemExplorationConfig: recipe \(entry.name) offers no exploration; leave it out, or use "
                + "aws-user-personalization"
        )
    }

    private static func check(_ name: String, _ value: String) throws(PersonalizeError) {
        let names = [weightName, cutOffName]
        guard names.contains(name) else {
            let nearest = NearestName.find(name, among: names).map { ", did you mean \"\($0)\"?" }
            throw fault("\"\(name)\" is not a known key\(nearest ?? "; there are \(names.joined(separator: ", "))")")
        }
        let limit = name == weightName ? 1.0 : Double.greatestFiniteMagnitude
        guard let number = Double(value), (0...limit).contains(number) else {
            let remedy = name == weightName ? "a number from 0 to 1" : "a number of days, zero or more"
            throw fault("\(name) \"\(value)\" must be \(remedy)")
        }
    }

    private static func fault(_ fact: String) -> PersonalizeError {
        PersonalizeError(.invalidInput, "campaignConfig.itemExplorationConfig: \(fact)")
    }
}

extension CatalogEntry {
    /// Whether campaigns of it can explore.
    var explores: Bool { recipe == .userPersonalization || recipe == .nextBestAction }
}

extension Int64 {
    /// The whole number nearest to one, within what fits.
    fileprivate init(clamping value: Double) {
        self = value <= -0x1p62 ? -1 << 62 : value >= 0x1p62 ? 1 << 62 : Int64(value.rounded())
    }
}
