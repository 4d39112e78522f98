extension Engine {
    /// The tags of a state machine or an activity.
    ///
    /// - Parameter arn: Its ARN.
    /// - Returns: The tags, in the order in which they came.
    /// - Throws: `InvalidArn`, `ResourceNotFound`.
    public func tags(of arn: String) async throws(ExecutionError) -> [Tag] {
        try ResourceNames.checkIsTaggable(arn)
        guard let tags = try await saved({ try await store.tags(of: arn) }) else { throw .noResource(arn) }
        return tags
    }

    /// Adds tags to a state machine or an activity; a key it has gets the new value.
    ///
    /// - Parameters:
    ///   - tags: The tags.
    ///   - arn: The ARN.
    /// - Throws: `InvalidArn`, `ResourceNotFound`, `TooManyTags`.
    public func add(_ tags: [Tag], to arn: String) async throws(ExecutionError) {
        try ResourceNames.checkIsTaggable(arn)
        try await saved { try await store.add(tags, to: arn) }
    }

    /// Removes tags from a state machine or an activity.
    ///
    /// - Parameters:
    ///   - keys: Their keys; those it does not have do not matter.
    ///   - arn: The ARN.
    /// - Throws: `InvalidArn`, `ResourceNotFound`.
    public func removeTags(_ keys: [String], from arn: String) async throws(ExecutionError) {
        try ResourceNames.checkIsTaggable(arn)
        try await saved { try await store.removeTags(keys, from: arn) }
    }
}
