extension ObjectAttributes {
    /// The headers that are kept beside an object: as HTTP writes them, and as the operations of S3 call them.
    public static let headers: [(header: String, name: String)] = [
        ("cache-control", "CacheControl"), ("content-disposition", "ContentDisposition"),
        ("content-encoding", "ContentEncoding"), ("content-language", "ContentLanguage"),
        ("content-type", "ContentType"),
    ]

    /// What stands before the name of a user's own metadata.
    public static let metadataMark = "x-amz-meta-"

    /// The content type of what was put without one, as a person's copy.
    ///
    /// - Parameter key: The object's key.
    /// - Returns: The type; `nil` for what is not known by its name.
    public static func usualType(of key: String) -> String? {
        let types = [
            "csv": "text/csv", "html": "text/html", "json": "application/json", "jsonl": "application/jsonl",
            "md": "text/markdown", "txt": "text/plain", "xml": "application/xml",
        ]
        return key.split(separator: ".").last.flatMap { types[$0.lowercased()] }
    }
}

extension ObjectDescription {
    /// Whether a condition on the entity tag holds: `*`, or a list of tags with or without quotation marks.
    ///
    /// - Parameter condition: The condition, as `If-Match` has it.
    /// - Returns: Whether it names this content.
    public func matches(_ condition: String) -> Bool {
        condition.split(separator: ",").contains { part in
            let wanted = part.filter { $0 != " " && $0 != "\"" }
            return wanted == "*" || wanted == entityTag
        }
    }
}
