/// Where result writers put their files.
public protocol ObjectSink: Sendable {
    /// Puts an object: the whole or, on a fault, none of it; one that exists is replaced.
    ///
    /// - Parameters:
    ///   - bucket: The bucket's name.
    ///   - key: The object's key.
    ///   - next: Gives the next bytes; `nil` at the end.
    /// - Returns: How many bytes it has.
    /// - Throws: `StatesError` when it cannot be put, or what `next` throws.
    func put(bucket: String, key: String, next: () async throws -> [UInt8]?) async throws -> Int
}
