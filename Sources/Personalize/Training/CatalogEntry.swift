internal import JSON

/// A recipe as the API shows it: what it is for, what a request must name, what can be tuned.
struct CatalogEntry: Sendable {
    /// What a recipe's campaigns answer; the raw value is AWS's recipe type.
    enum Purpose: String, Sendable {
        case userPersonalization = "USER_PERSONALIZATION"
        case personalizedRanking = "PERSONALIZED_RANKING"
        case relatedItems = "RELATED_ITEMS"
        case popularItems = "POPULAR_ITEMS"
    }

    /// A hyperparameter and the values it may have.
    struct Parameter: Sendable {
        let name: String
        var range: ClosedRange<Double>?
        /// The words it may have, where it is no number.
        var words: [String] = []

        static func number(_ name: String, _ range: ClosedRange<Double>) -> Parameter {
            Parameter(name: name, range: range)
        }
        static func flag(_ name: String) -> Parameter { Parameter(name: name, words: ["true", "false"]) }
        static func words(_ name: String, _ words: String...) -> Parameter { Parameter(name: name, words: words) }
    }

    let name: String
    let purpose: Purpose
    let summaryText: String
    var parameters: [Parameter] = []
    /// Whether trainingMode UPDATE is offered.
    var canUpdate = false

    var arn: String { ARN.recipePrefix + name }

    /// The answer of `DescribeRecipe`, without the member around it.
    var description: JSON {
        [
            "name": .string(name),
            "recipeArn": .string(arn),
            "algorithmArn": .string("arn:aws:personalize:::algorithm/\(name)"),
            "featureTransformationArn": .string("arn:aws:personalize:::feature-transformation/\(name)"),
            "status": "ACTIVE",
            "description": .string(summaryText),
            "creationDateTime": .double(Self.published),
            "recipeType": .string(purpose.rawValue),
            "lastUpdatedDateTime": .double(Self.published),
        ]
    }

    /// The answer of `ListRecipes` for this recipe.
    var summary: JSON {
        [
            "name": .string(name),
            "recipeArn": .string(arn),
            "status": "ACTIVE",
            "creationDateTime": .double(Self.published),
            "lastUpdatedDateTime": .double(Self.published),
        ]
    }

    /// The date all recipes show: 10 June 2019, when the service they are compatible with opened.
    private static let published = 1_560_124_800.0

    /// Refuses hyperparameters that the recipe does not have or that are out of range.
    func check(_ given: JSONObject) throws(PersonalizeError) {
        for (name, value) in given {
            let place = "solutionConfig.algorithmHyperParameters.\(name)"
            guard let parameter = parameters.first(where: { $0.name == name }) else {
                let names = parameters.map(\.name).joined(separator: ", ")
                throw PersonalizeError(
                    .invalidInput,
                    "\(place) is not a hyperparameter of \(self.name)"
                        + (names.isEmpty ? ", which has none" : "; it has \(names)")
                )
            }
            guard let fault = parameter.fault(value.string ?? "") else { continue }
            throw PersonalizeError(.invalidInput, "\(place) \"\(value.string ?? "")\" \(fault)")
        }
    }
}

extension CatalogEntry.Parameter {
    fileprivate func fault(_ text: String) -> String? {
        guard let range else {
            return words.contains(text) ? nil : "must be one of \(words.joined(separator: ", "))"
        }
        guard let number = Double(text), range.contains(number) else {
            return "must be a number from \(range.lowerBound.shortest) to \(range.upperBound.shortest)"
        }
        return nil
    }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var shortest: String { Int(exactly: self).map(String.init) ?? description }
}

// MARK: - The catalog

extension CatalogEntry {
    /// The entries by ARN.
    static let byARN: [String: CatalogEntry] = Dictionary(uniqueKeysWithValues: all.map { ($0.arn, $0) })

    /// Every recipe that is offered, by name.
    static let all: [CatalogEntry] = [
        CatalogEntry(
            name: "aws-personalized-ranking",
            purpose: .personalizedRanking,
            summaryText: "Puts a list of items in the order of a user's interest.",
            parameters: sequence
        ),
        CatalogEntry(
            name: "aws-personalized-ranking-v2",
            purpose: .personalizedRanking,
            summaryText: "Puts a list of items in the order of a user's interest.",
            parameters: [.flag("apply_recency_bias")]
        ),
        CatalogEntry(
            name: "aws-popularity-count",
            purpose: .popularItems,
            summaryText: "The items that most users interacted with.",
        ),
        CatalogEntry(
            name: "aws-similar-items",
            purpose: .relatedItems,
            summaryText: "Items like a given one, by who interacted with them.",
            parameters: [.number("item_id_hidden_dim", 30...200), .number("item_metadata_hidden_dim", 30...200)]
        ),
        CatalogEntry(
            name: "aws-sims",
            purpose: .relatedItems,
            summaryText: "Items that often occur together with a given one in users' histories.",
            parameters: [.number("popularity_discount_factor", 0...1), .number("min_cointeraction_count", 0...10)]
        ),
        CatalogEntry(
            name: "aws-trending-now",
            purpose: .popularItems,
            summaryText: "The items whose popularity grows fastest.",
        ),
        CatalogEntry(
            name: "aws-user-personalization",
            purpose: .userPersonalization,
            summaryText: "The items a user is most likely to interact with.",
            parameters: sequence,
            canUpdate: true
        ),
        CatalogEntry(
            name: "aws-user-personalization-v2",
            purpose: .userPersonalization,
            summaryText: "The items a user is most likely to interact with.",
            parameters: [.flag("apply_recency_bias")]
        ),
    ]

    private static let sequence: [Parameter] = [
        .number("hidden_dimension", 32...256), .number("bptt", 2...32), .flag("recency_mask"),
    ]
}
