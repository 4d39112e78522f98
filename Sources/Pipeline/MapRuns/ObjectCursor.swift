internal import Bucket
internal import StatesLanguage

/// Where a source that reads one object goes on: an offset in a version of the object.
struct ObjectCursor {
    var offset: Int
    var version: String

    var text: String { "\(offset) \(version)" }

    /// The offset that a cursor stands for; throws when the object has changed since.
    static func offset(of cursor: String?, in reader: ObjectReader) throws(StatesError) -> Int? {
        guard reader.isUnchanged else {
            throw .itemReader("The object \"\(reader.object.key)\" has changed while it was read.")
        }
        guard let cursor else { return nil }
        let parts = cursor.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let offset = Int(parts[0]) else {
            throw .itemReader("The cursor \"\(cursor)\" is none of this source.")
        }
        guard parts[1] == reader.version else {
            throw .itemReader("The object \"\(reader.object.key)\" has changed since the Map Run began to read it.")
        }
        return offset
    }
}

extension StatesError {
    /// A failure to read items.
    static func itemReader(_ cause: String) -> StatesError {
        StatesError(name: StatesError.itemReaderFailed, cause: cause)
    }
}
