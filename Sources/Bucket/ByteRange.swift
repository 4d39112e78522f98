/// A part of an object, as the header `Range` asks for it.
public struct ByteRange: Sendable, Hashable {
    /// Which bytes.
    public let bounds: Range<Int>
    /// As the header `Content-Range` tells it.
    public let header: String

    /// Reads `bytes=0-9`, `bytes=10-` or `bytes=-10`; what is no such range is passed over, as HTTP wants it.
    ///
    /// - Parameters:
    ///   - text: The range.
    ///   - size: How many bytes the object has.
    /// - Throws: `BucketError` with `unsatisfiableRange` when none of them is in it.
    public init?(parsing text: String, size: Int) throws(BucketError) {
        guard text.hasPrefix("bytes=") else { return nil }
        let parts = text.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let (first, last) = (Int(parts[0]), Int(parts[1]))
        switch (first, last) {
        case (let first?, let last?) where first <= last: bounds = min(first, size)..<min(last, size - 1) + 1
        case (let first?, nil) where parts[1].isEmpty: bounds = min(first, size)..<size
        case (nil, let count?) where parts[0].isEmpty: bounds = max(0, size - count)..<size
        default: return nil
        }
        guard !bounds.isEmpty else {
            throw BucketError(.unsatisfiableRange, "range \"\(text)\" begins behind the end, at byte \(size)")
        }
        header = "bytes \(bounds.lowerBound)-\(bounds.upperBound - 1)/\(size)"
    }
}
