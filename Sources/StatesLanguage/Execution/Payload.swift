public import JSON

/// A value on its way from state to state, and the text it came as.
///
/// What states pass on untouched is shown as it was written, white space and numbers included; what they compute is
/// shown compactly.
public struct Payload: Sendable, Equatable {
    /// The value.
    public let value: JSON
    /// The text the value came as; `nil` where that is the compact one.
    let source: String?

    /// A computed value.
    ///
    /// - Parameter value: The value.
    public init(_ value: JSON) {
        self.value = value
        source = nil
    }

    /// A value that keeps its text.
    ///
    /// - Parameter text: JSON text.
    /// - Throws: `JSONError` where the text is not JSON.
    public init(parsing text: String) throws(JSONError) {
        value = try JSON(parsing: text)
        source = value.text == text ? nil : text
    }

    /// The value as JSON text: as it came, or compact.
    public var text: String { source ?? value.text }

    /// Whether the text has more bytes than that.
    func exceeds(_ limit: Int) -> Bool {
        if let source { return source.utf8.count > limit }
        return value.exceeds(limit)
    }
}

extension Payload: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// `nil` is JSON's `null`.
    public init(nilLiteral: ()) { self.init(.null) }
    /// A boolean literal.
    public init(booleanLiteral value: Bool) { self.init(.bool(value)) }
    /// An integer literal.
    public init(integerLiteral value: Int64) { self.init(.integer(value)) }
    /// A floating-point literal.
    public init(floatLiteral value: Double) { self.init(.double(value)) }
    /// A string literal.
    public init(stringLiteral value: String) { self.init(.string(value)) }
    /// An array literal.
    public init(arrayLiteral elements: JSON...) { self.init(.array(elements)) }
    /// A dictionary literal; a key given twice keeps its last value.
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(.object(JSONObject(elements))) }
}
