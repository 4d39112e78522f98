/// What a schema of one dataset type has to hold, and what it may.
struct SchemaRules {
    /// A column that Personalize knows by name.
    struct Known {
        let name: String
        let types: [Schema.ColumnType]
        var isRequired = false
        /// Whether its type may be a union with null.
        var mayBeNull = true
        /// Whether it must be (`true`) or must not be (`false`) categorical; `nil` where it does not matter.
        var isCategorical: Bool?
    }

    let datasetType: DatasetType
    let domain: Domain?
    let known: [Known]

    init(datasetType: DatasetType, domain: Domain?) {
        self.datasetType = datasetType
        self.domain = domain
        let demanded = domain.map { Self.demanded(by: $0, datasetType) } ?? []
        let custom = Self.custom(datasetType).filter { column in !demanded.contains { $0.name == column.name } }
        known = custom + demanded
    }

    /// Whether the dataset needs at least one column that is not an id.
    var needsMetadata: Bool { datasetType.keyColumn != nil }

    /// The schema in words, for faults.
    var noun: String {
        let name = datasetType == .users ? "a Users schema" : "an \(datasetType.rawValue) schema"
        return name + (domain.map { " of the \($0.rawValue) domain" } ?? "")
    }

    func known(_ name: String) -> Known? {
        known.first { $0.name == name }
    }

    private static func custom(_ type: DatasetType) -> [Known] {
        switch type {
        case .interactions:
            [id("USER_ID"), id("ITEM_ID"), timestamp] + events
        case .users:
            [id("USER_ID")]
        case .items:
            [id("ITEM_ID"), Known(name: "CREATION_TIMESTAMP", types: [.long])]
        case .actions:
            [
                id("ACTION_ID"), Known(name: "VALUE", types: [.long, .int, .float, .double]),
                Known(name: "CREATION_TIMESTAMP", types: [.long]),
                Known(name: "ACTION_EXPIRATION_TIMESTAMP", types: [.long]),
                Known(name: "REPEAT_FREQUENCY", types: [.long, .int]),
            ]
        case .actionInteractions:
            [id("USER_ID"), id("ACTION_ID"), eventType(isRequired: true), timestamp, text("RECOMMENDATION_ID")]
        }
    }

    private static func demanded(by domain: Domain, _ type: DatasetType) -> [Known] {
        switch (domain, type) {
        case (_, .interactions):
            [eventType(isRequired: true)]
        case (.ecommerce, .items):
            [
                Known(name: "PRICE", types: [.float], isRequired: true),
                Known(name: "CATEGORY_L1", types: [.string], isRequired: true, isCategorical: true),
            ]
        case (.videoOnDemand, .items):
            [
                Known(name: "GENRES", types: [.string], isRequired: true, isCategorical: true),
                Known(name: "CREATION_TIMESTAMP", types: [.long], isRequired: true),
            ]
        default: []
        }
    }

    private static func id(_ name: String) -> Known {
        Known(name: name, types: [.string], isRequired: true, mayBeNull: false, isCategorical: false)
    }

    private static func eventType(isRequired: Bool) -> Known {
        Known(name: "EVENT_TYPE", types: [.string], isRequired: isRequired, isCategorical: false)
    }

    private static func text(_ name: String) -> Known {
        Known(name: name, types: [.string], isCategorical: false)
    }

    private static let timestamp = Known(name: "TIMESTAMP", types: [.long], isRequired: true, mayBeNull: false)

    private static let events = [
        eventType(isRequired: false), Known(name: "EVENT_VALUE", types: [.float]), text("IMPRESSION"),
        text("RECOMMENDATION_ID"), text("EVENT_ATTRIBUTION_SOURCE"),
    ]
}
