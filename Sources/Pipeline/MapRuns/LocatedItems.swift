internal import DurableExecution

/// Items that say where they were read from.
struct LocatedItems: ItemSource {
    let items: any ItemSource
    /// What `$$.Map.Item.Source` shows: `S3://BUCKET/KEY`.
    let location: String

    func read(after cursor: String?, limit: Int) async throws -> ItemPage {
        var page = try await items.read(after: cursor, limit: limit)
        for index in page.items.indices { page.items[index].source = location }
        return page
    }
}
