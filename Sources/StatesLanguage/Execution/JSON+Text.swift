import JSON

extension JSON {
    /// Whether two values have one text.
    ///
    /// Unlike `==`, this tells `1` from `1.0`, `0.0` from `-0.0` and letters of another make, and looks at the order of
    /// keys; and it needs no stack for values that are nested deep.
    func hasText(of other: JSON) -> Bool {
        var open = [(self, other)]
        while let (left, right) = open.popLast() {
            switch (left, right) {
            case (.null, .null): break
            case (.bool(let a), .bool(let b)) where a == b: break
            case (.integer(let a), .integer(let b)) where a == b: break
            case (.double(let a), .double(let b)) where a.bitPattern == b.bitPattern: break
            case (.decimal(let a), .decimal(let b)) where a.utf8.elementsEqual(b.utf8): break
            case (.string(let a), .string(let b)) where a.utf8.elementsEqual(b.utf8): break
            case (.array(let a), .array(let b)) where a.count == b.count: open += zip(a, b)
            case (.object(let a), .object(let b)) where Self.haveSameKeys(a, b): open += zip(a.values, b.values)
            default: return false
            }
        }
        return true
    }

    private static func haveSameKeys(_ left: JSONObject, _ right: JSONObject) -> Bool {
        left.count == right.count
            && zip(left.keys, right.keys).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}
