import JSON

extension JSON {
    /// Whether the value's text has more bytes than that; stops counting when it knows.
    func exceeds(_ limit: Int) -> Bool {
        var left = limit
        guard take(from: &left, perCharacter: 1) else { return true }
        // An escaped character has six bytes at most, so only what comes near the limit is counted exactly.
        left = limit
        return take(from: &left, perCharacter: 6) ? false : utf8.count > limit
    }

    /// Takes the bytes of the text from what is left; `false` when that is too little.
    private func take(from left: inout Int, perCharacter width: Int) -> Bool {
        switch self {
        case .null: left -= 4
        case .bool(let value): left -= value ? 4 : 5
        case .integer(let value): left -= value.magnitude < 10 ? (value < 0 ? 2 : 1) : value.description.utf8.count
        case .double: left -= utf8.count
        case .decimal(let text): left -= text.utf8.count
        case .string(let text): left -= text.utf8.count * width + 2
        case .array(let values):
            left -= 1 + max(1, values.count)
            for value in values where !value.take(from: &left, perCharacter: width) { return false }
        case .object(let object):
            left -= 1 + max(1, object.count)
            for (key, value) in object {
                left -= key.utf8.count * width + 3
                guard value.take(from: &left, perCharacter: width) else { return false }
            }
        }
        return left >= 0
    }
}
