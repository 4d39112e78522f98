extension JSON {
    /// Whether the value's compact text has more bytes than that; stops counting when it knows.
    ///
    /// - Parameter limit: So many bytes of UTF-8.
    /// - Returns: Whether there are more.
    public func exceeds(_ limit: Int) -> Bool {
        // An escaped character has six bytes at most, so only what comes near the limit is counted exactly.
        var left = limit
        if take(from: &left, isExact: false) { return false }
        left = limit
        return !take(from: &left, isExact: true)
    }

    /// Takes the bytes of the text from what is left, or more than those; `false` when that is too little.
    private func take(from left: inout Int, isExact: Bool) -> Bool {
        switch self {
        case .null: left -= 4
        case .bool(let value): left -= value ? 4 : 5
        case .integer(let value): left -= value.magnitude < 10 ? (value < 0 ? 2 : 1) : value.description.utf8.count
        case .double: left -= utf8.count
        case .decimal(let text): left -= text.utf8.count
        case .string(let text): left -= text.size(isExact: isExact)
        case .array(let values):
            left -= 1 + max(1, values.count)
            for value in values where !value.take(from: &left, isExact: isExact) { return false }
        case .object(let object):
            left -= 1 + max(1, object.count)
            for index in 0..<object.count {
                left -= object.key(at: index).size(isExact: isExact) + 1
                guard object.value(at: index).take(from: &left, isExact: isExact) else { return false }
            }
        }
        return left >= 0
    }
}

extension String {
    /// The bytes of the text between quotes, or as many as there can be.
    fileprivate func size(isExact: Bool) -> Int {
        guard isExact else { return utf8.count * 6 + 2 }
        var size = 2
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x08, 0x09, 0x0A, 0x0C, 0x0D: size += 2
            case 0..<0x20: size += 6
            default: size += 1
            }
        }
        return size
    }
}
