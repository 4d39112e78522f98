/// Writes compact JSON text piece by piece, for what is asked for so often that no value is made of it first.
///
/// What is begun must be ended, and each member of an object needs its key; values look as those of `JSON.text` do.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.beginObject()
/// writer.key("itemId")
/// writer.string("42")
/// writer.endObject()
/// writer.utf8  // {"itemId":"42"}
/// ```
public struct JSONWriter: Sendable {
    private var printer = JSONPrinter(indentation: nil)
    private var needsComma = false

    /// A writer of nothing yet.
    ///
    /// - Parameter capacity: How many bytes there is room for from the start.
    public init(capacity: Int = 0) { printer.bytes.reserveCapacity(capacity) }

    /// What was written, in UTF-8.
    public var utf8: [UInt8] { printer.bytes }

    /// Begins an object.
    public mutating func beginObject() { begin(UInt8(ascii: "{")) }

    /// Ends the innermost object.
    public mutating func endObject() { end(UInt8(ascii: "}")) }

    /// Begins an array.
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }

    /// Ends the innermost array.
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Writes the key of the member whose value comes next.
    public mutating func key(_ key: String) {
        separate()
        printer.print(key)
        printer.bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string.
    public mutating func string(_ text: String) {
        separate()
        printer.print(text)
    }

    /// Writes a string whose bytes are at hand.
    ///
    /// - Parameter utf8: The string's text, which must be UTF-8.
    public mutating func string(utf8: Span<UInt8>) {
        separate()
        printer.print(utf8: utf8)
    }

    /// Writes a number.
    public mutating func number(_ value: Double) {
        separate()
        printer.print(value)
    }

    /// Writes any value.
    public mutating func value(_ value: JSON) {
        separate()
        printer.print(value)
    }

    /// Ends a line, for texts of a value a line.
    public mutating func endLine() {
        printer.bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        printer.bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        printer.bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { printer.bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
