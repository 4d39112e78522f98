import Synchronization

extension Engine {
    /// Asks for a page of a list.
    ///
    /// - Parameters:
    ///   - query: What is asked, in words; a token is good for this query only.
    ///   - maxResults: From 0 to 1,000; 0 and `nil` stand for 100.
    ///   - nextToken: What the page before ended with; good for a day.
    ///   - tokenLimit: How long a token may be.
    ///   - body: Asks the store.
    /// - Returns: The page, with a token that is sealed.
    /// - Throws: `InvalidToken`, `ValidationException`, and what the store says.
    func page<Element: Sendable>(
        _ query: String,
        _ maxResults: Int?,
        _ nextToken: String?,
        tokenLimit: Int = 1024,
        _ body: (PageRequest) async throws -> Page<Element>
    ) async throws(ExecutionError) -> Page<Element> {
        let limit = maxResults ?? 0
        guard (0...1000).contains(limit) else {
            let bound = limit < 0 ? "greater than or equal to 0" : "less than or equal to 1000"
            throw .constraint("\(limit)", "maxResults", "Member must have value \(bound)")
        }
        if let nextToken, nextToken.utf8.count > tokenLimit {
            let bound = "Member must have length less than or equal to \(tokenLimit)"
            throw .constraint(nextToken, "nextToken", bound)
        }
        let key = tokenKey.withLock(\.self)
        var request = PageRequest(limit: limit == 0 ? 100 : limit)
        if let nextToken { request.token = try PageToken.unwrap(nextToken, of: query, key: key, at: now) }
        let asked = request
        var page = try await saved { try await body(asked) }
        page.nextToken = page.nextToken.map { PageToken.wrap($0, of: query, key: key, at: now) }
        return page
    }
}
