extension Bucket {
    /// Puts an object piece by piece: the whole or, on a fault, none of it.
    ///
    /// - Parameters:
    ///   - key: The object's key; folders are made as needed.
    ///   - next: Gives the next bytes; `nil` at the end.
    /// - Returns: How many bytes it has.
    /// - Throws: `BucketError` as `put(_:at:)`, or what `next` throws.
    public func put(at key: String, next: () async throws -> [UInt8]?) async throws -> Int {
        var object = try begin(key)
        var count = 0
        while let bytes = try await next() {
            try object.write(bytes)
            count += bytes.count
        }
        try object.commit()
        return count
    }
}
