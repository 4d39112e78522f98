internal import Bucket
internal import StatesLanguage

/// Reads an object's records from an offset, however they are told apart, in memory that is bounded.
enum RecordWindow {
    private static let bytes = 256 << 10
    /// A record may have so many bytes.
    private static let limit = 16 << 20

    /// Takes records until there are enough of them.
    ///
    /// - Parameters:
    ///   - reader: The object.
    ///   - offset: Where to begin.
    ///   - count: How many records at most.
    ///   - next: Takes the record that begins at a position, when it ends before the bytes or they are the last;
    ///     returns where the next begins, or `nil` when there is not all of it.
    /// - Returns: Where the last record ends, and whether that is the end of the object.
    /// - Throws: `States.ItemReaderFailed` for a record that does not end, and what `next` throws.
    static func take(
        _ reader: ObjectReader,
        from offset: Int,
        count: Int,
        next: (_ bytes: borrowing [UInt8], _ position: Int, _ offset: Int, _ isLast: Bool) throws -> Step
    ) throws -> (offset: Int, isAtEnd: Bool) {
        var offset = offset
        var size = bytes
        var taken = 0
        while true {
            let window = try reader.read(from: offset, count: size)
            let isLast = offset + window.count >= reader.object.size
            var position = 0
            reading: while position < window.count, taken < count {
                switch try next(window, position, offset, isLast) {
                case .record(let end): (position, taken) = (end, taken + 1)
                case .nothing(let end): position = end
                case .incomplete: break reading
                case .end: return (offset + position, true)
                }
            }
            offset += position
            if isLast, position == window.count { return (offset, true) }
            guard taken == 0 else { return (offset, false) }
            if position > 0 { continue }
            guard size < limit, !isLast else {
                throw StatesError.itemReader("An item of the object \"\(reader.object.key)\" does not end.")
            }
            size *= 4
        }
    }

    /// What stands at a position.
    enum Step {
        /// A record that ends before a position.
        case record(end: Int)
        /// Nothing that counts, up to a position.
        case nothing(end: Int)
        /// A record of which there is only a part.
        case incomplete
        /// Nothing more.
        case end
    }
}
