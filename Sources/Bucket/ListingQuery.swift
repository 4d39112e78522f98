internal import FoundationEssentials

/// Which objects of a bucket to list, a page at a time: those of one folder as one where a delimiter is given.
public struct ListingQuery: Sendable, Hashable {
    /// The start of the keys.
    public var prefix: String
    /// Where a key is cut behind the prefix; `nil` or empty for nowhere.
    public var delimiter: String?
    /// The most entries of a page.
    public var limit: Int
    /// The name after which the page begins.
    public var start: String?

    /// A query of known parts.
    public init(prefix: String = "", delimiter: String? = nil, limit: Int = 1000, start: String? = nil) {
        self.prefix = prefix
        self.delimiter = delimiter.flatMap { $0.isEmpty ? nil : $0 }
        self.limit = limit
        self.start = start
    }

    /// An object, or the folder that stands for many.
    public struct Entry: Sendable, Hashable {
        /// The object's key, or the folder with the delimiter at its end.
        public let name: String
        /// The object; `nil` for a folder.
        public var object: BucketObject?
    }

    /// A page of a listing.
    public struct Page: Sendable, Hashable {
        /// What is on it, in the order of the bytes of the names.
        public var entries: [Entry] = []
        /// The name after which the next page begins; `nil` on the last.
        public var next: String?
    }

    /// The page of a bucket.
    ///
    /// - Parameter bucket: The bucket.
    /// - Returns: The page.
    /// - Throws: `BucketError` as `Bucket.list(prefix:)`.
    public func page(of bucket: Bucket) throws(BucketError) -> Page {
        var page = Page()
        for object in try objects(of: bucket) {
            let entry = entry(of: object)
            if let start, !start.utf8.lexicographicallyPrecedes(entry.name.utf8) { continue }
            if entry.name == page.entries.last?.name { continue }
            guard page.entries.count < limit else {
                page.next = limit > 0 ? page.entries.last?.name : nil
                return page
            }
            page.entries.append(entry)
        }
        return page
    }

    /// What is handed out for the next page: opaque to a client.
    public static func token(after name: String) -> String { Data(name.utf8).base64EncodedString() }

    /// The name that a token stands for.
    ///
    /// - Parameter token: What was handed out.
    /// - Returns: The name after which the page begins.
    /// - Throws: `BucketError` with `invalidToken`.
    public static func name(of token: String) throws(BucketError) -> String {
        guard let data = Data(base64Encoded: token), let name = String(validating: data, as: UTF8.self) else {
            throw BucketError(.invalidToken, "The continuation token provided is incorrect")
        }
        return name
    }

    private func objects(of bucket: Bucket) throws(BucketError) -> [BucketObject] {
        // The start of a key need be no key that a bucket can hold; then no object has it.
        if (try? Bucket.validateKey(prefix)) == nil {
            _ = try bucket.resolvedRoot()
            return []
        }
        return try bucket.list(prefix: prefix).objects
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private func entry(of object: BucketObject) -> Entry {
        let rest = object.key.dropFirst(prefix.count)
        guard let delimiter, let end = rest.firstRange(of: delimiter)?.upperBound else {
            return Entry(name: object.key, object: object)
        }
        return Entry(name: String(object.key[..<end]))
    }
}
