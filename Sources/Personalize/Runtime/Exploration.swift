internal import JSON
internal import Recommenders

/// How much of an answer is given to new items, as the `itemExplorationConfig` of a campaign or a recommender says.
///
/// Recipes that explore do so where nothing is said too, at a weight of 0.3 and a cut-off of 30 days; a weight of 0 is how
/// to have none. Batch jobs explore only where they give a weight, evaluations and explanations never.
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
    private static let cutOffName = "explorationItemAgeCutOff"

    /// What a configuration says that a campaign of a recipe serves with; nil when the recipe offers no exploration, or
    /// the configuration wants none.
    init?(_ config: JSON?, of entry: CatalogEntry) {
        guard entry.explores else { return nil }
        let given = config?["itemExplorationConfig"]
        weight = given?[Self.weightName]?.string.flatMap(Double.init) ?? weight
        cutOffDays = given?[Self.cutOffName]?.string.flatMap(Double.init) ?? cutOffDays
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
    /// A configuration of a campaign or a recommender with what holds where it says nothing of exploration, and without
    /// exploration where the recipe offers none; nil for one that then says nothing.
    static func completed(_ config: JSON?, of entry: CatalogEntry?) -> JSON? {
        guard let entry else { return config }
        var config = config ?? [:]
        guard entry.explores else {
            config["itemExplorationConfig"] = nil
            guard config != [:] else { return nil }
            return config
        }
        var settings = config["itemExplorationConfig"] ?? [:]
        let standard = Exploration(weight: 0.3, cutOffDays: 30)
        for (name, value) in [(cutOffName, standard.cutOffDays), (weightName, standard.weight)]
        where settings[name] == nil { settings[name] = .string("\(value)") }
        config["itemExplorationConfig"] = settings
        return config
    }

    /// Refuses what is no exploration, and one for a recipe that offers none.
    ///
    /// - Parameters:
    ///   - config: The configuration of a campaign or a recommender.
    ///   - entry: Its recipe; nil when nothing is known of it.
    ///   - place: The member of the request that the configuration is.
    /// - Throws: `PersonalizeError` with `invalidInput`.
    static func check(_ config: JSON?, of entry: CatalogEntry?, at place: String) throws(PersonalizeError) {
        guard let given = config?["itemExplorationConfig"]?.object, !given.isEmpty else { return }
        let path = "\(place).itemExplorationConfig"
        for (name, value) in given { try check(name, value.string ?? value.text, at: path) }
        guard let entry, !entry.explores else { return }
        throw PersonalizeError(.invalidInput, "\(path) is not for recipe \(entry.name); leave it out")
    }

    private static func check(_ name: String, _ value: String, at path: String) throws(PersonalizeError) {
        let names = [weightName, cutOffName]
        guard names.contains(name) else {
            let nearest = NearestName.find(name, among: names).map { ", did you mean \"\($0)\"?" }
            throw PersonalizeError(
                .invalidInput,
                "\(path): \"\(name)\" is not a known key\(nearest ?? "; there are \(names.joined(separator: ", "))")"
            )
        }
        let limit = name == weightName ? 1.0 : Double.greatestFiniteMagnitude
        guard let number = Double(value), (0...limit).contains(number) else {
            let remedy = name == weightName ? "a number from 0 to 1" : "a number of days, zero or more"
            throw PersonalizeError(.invalidInput, "\(path): \(name) \"\(value)\" must be \(remedy)")
        }
    }
}

extension CatalogEntry {
    /// Whether what serves it explores, where its configuration does not say that it must not.
    var explores: Bool { recipe == .userPersonalization || recipe == .nextBestAction }
}

extension Int64 {
    /// The whole number nearest to one, within what fits.
    fileprivate init(clamping value: Double) {
        self = value <= -0x1p62 ? -1 << 62 : value >= 0x1p62 ? 1 << 62 : Int64(value.rounded())
    }
}
