/// What a dataset holds; a dataset group has at most one dataset of each type.
public enum DatasetType: String, Sendable, CaseIterable, Codable, Hashable {
    case interactions = "Interactions"
    case users = "Users"
    case items = "Items"
    case actions = "Actions"
    case actionInteractions = "Action_Interactions"

    /// The type of a name as clients write it, in any case, with or without the underscore.
    ///
    /// - Parameter name: For example `INTERACTIONS` or `ActionInteractions`.
    public init?(named name: String) {
        let wanted = Self.folded(name)
        guard let type = Self.allCases.first(where: { Self.folded($0.rawValue) == wanted }) else { return nil }
        self = type
    }

    /// The column whose value names a record, where a later record of the same name replaces an earlier one;
    /// `nil` for the types whose records are events and only ever added.
    public var keyColumn: String? {
        switch self {
        case .users: "USER_ID"
        case .items: "ITEM_ID"
        case .actions: "ACTION_ID"
        case .interactions, .actionInteractions: nil
        }
    }

    private static func folded(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" }
    }
}

/// The domain of a Domain dataset group, which asks for more columns than a custom group does.
public enum Domain: String, Sendable, CaseIterable, Codable, Hashable {
    case ecommerce = "ECOMMERCE"
    case videoOnDemand = "VIDEO_ON_DEMAND"
}
