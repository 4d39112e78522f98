extension CatalogEntry {
    /// Whether its answers say why an item is in them.
    var givesReasons: Bool { name == "aws-user-personalization-v2" }
}

extension AnsweredItem {
    /// Why an item is in an answer, where it is not for its nearness to the user's taste alone.
    ///
    /// - Parameter isKnown: Whether the model knows anything of the user; if not, what it ranks is popular.
    /// - Returns: The reasons, in the words of the API; none where there is nothing to tell.
    func reasons(isKnown: Bool) -> [String] {
        var reasons: [String] = []
        if isPromoted { reasons.append("Promoted item") }
        if isExplored { reasons.append("Exploration") }
        if !isKnown, !isExplored { reasons.append("Popular item") }
        return reasons
    }
}
