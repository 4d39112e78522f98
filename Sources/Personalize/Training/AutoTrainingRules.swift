internal import FoundationEssentials
internal import JSON
internal import Recommenders

/// When solutions and recommenders are trained by themselves.
///
/// Every moment is computed from what the store says, so that nothing is forgotten by a process that ends. A solution is
/// first trained an hour after automatic training was turned on, unless a version was begun by hand within the hour; after
/// that a period after its newest version was begun, whoever began it.
enum AutoTrainingRules {
    /// How long after it is turned on the first training begins.
    static let firstDelay: TimeInterval = 3600
    /// How often what is due and has no new data is looked at again.
    static let pause: TimeInterval = 1800
    /// How often a solution with `performIncrementalUpdate` takes in new data.
    static let increment: TimeInterval = 1800
    /// How many days lie between trainings when nothing is said.
    static let defaultDays = 7

    private static let day: TimeInterval = 86_400
    private static let days = 1...30

    /// Refuses a schedule and incremental updates that a solution cannot have.
    static func check(_ solution: JSON) throws(PersonalizeError) {
        let path = "solutionConfig.autoTrainingConfig.schedulingExpression"
        let expression = expression(solution)
        if let expression, !days.contains(number(expression) ?? 0) {
            throw PersonalizeError(
                .invalidInput,
                "\(path) \"\(expression)\" must be from rate(\(days.lowerBound) day) to rate(\(days.upperBound) days)"
            )
        }
        guard solution["performIncrementalUpdate"]?.bool == true else { return }
        guard let entry = entry(solution), entry.isIncremental else {
            let names = CatalogEntry.custom.filter(\.isIncremental).map(\.name).joined(separator: ", ")
            throw PersonalizeError(
                .invalidInput,
                "performIncrementalUpdate is not for recipe \(entry(solution)?.name ?? "that the metrics choose"); "
                    + "it is for \(names)"
            )
        }
    }

    /// Whether a solution is ever trained by itself.
    static func isAutomatic(_ solution: JSON) -> Bool {
        ["performAutoTraining", "performIncrementalUpdate"].contains { solution[$0]?.bool == true }
    }

    /// The time between trainings of a solution.
    static func period(_ solution: JSON) -> TimeInterval {
        Double(expression(solution).flatMap(number) ?? defaultDays) * day
    }

    /// When a solution is trained by itself next, in full or by an increment; `nil` when it never is.
    ///
    /// - Parameters:
    ///   - solution: The solution.
    ///   - newest: Its newest version, whatever became of it.
    /// - Returns: When it is trained in full, and when by an increment.
    static func due(_ solution: Resource, after newest: Resource?) -> (full: Date?, increment: Date?) {
        guard solution.status == .active else { return (nil, nil) }
        var full: Date?
        if solution.body["performAutoTraining"]?.bool == true {
            let since = solution.body["autoTrainingSince"]?.double.map(Date.init(timeIntervalSince1970:))
            let start = since ?? solution.createdAt
            full = start.addingTimeInterval(firstDelay)
            if let newest, newest.createdAt >= start {
                full = newest.createdAt.addingTimeInterval(period(solution.body))
            }
        }
        let isIncremental = solution.body["performIncrementalUpdate"]?.bool == true
        return (full, isIncremental ? newest?.createdAt.addingTimeInterval(increment) : nil)
    }

    /// When a recommender is trained again; `nil` while it does not serve.
    static func due(_ recommender: Resource) -> Date? {
        guard recommender.status == .active, !recommender.isUpdating, let entry = recommender.entry else { return nil }
        let last = recommender.body["lastTraining"]?.double.map(Date.init(timeIntervalSince1970:))
        let hours = entry.recipe == .trendingNow ? 2.0 : 24 * Double(defaultDays)
        return (last ?? recommender.createdAt).addingTimeInterval(hours * 3600)
    }

    private static func expression(_ solution: JSON) -> String? {
        solution["solutionConfig"]?["autoTrainingConfig"]?["schedulingExpression"]?.string
    }

    /// The number of days in `rate(7 days)`.
    private static func number(_ expression: String) -> Int? {
        Int(expression.drop { $0 != "(" }.dropFirst().prefix { $0 != " " })
    }

    private static func entry(_ solution: JSON) -> CatalogEntry? {
        solution["recipeArn"]?.string.flatMap { CatalogEntry.byARN[$0] }
    }
}

extension CatalogEntry {
    /// Whether new data can be taken in between trainings: by learning on, or because learning all again costs little.
    var isIncremental: Bool { canUpdate || recipe.usesItemTexts }
}
