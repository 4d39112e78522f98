import FoundationEssentials
import JSON

extension Builtin {
    static let encodings: [Entry] = [
        ("base64encode", "<s-:s>", base64Encode),
        ("base64decode", "<s-:s>", base64Decode),
        ("encodeUrlComponent", "<s-:s>", { (call) throws(JSONataError) in try encode(call, keeping: unreserved) }),
        ("encodeUrl", "<s-:s>", { (call) throws(JSONataError) in try encode(call, keeping: unreserved + reserved) }),
        ("decodeUrlComponent", "<s-:s>", { (call) throws(JSONataError) in try decode(call, keeping: "") }),
        ("decodeUrl", "<s-:s>", { (call) throws(JSONataError) in try decode(call, keeping: reserved) }),
    ]

    private static let unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()"
    private static let reserved = ";/?:@&=+$,#"

    /// Each character is a byte, the lower one of its code, as in the reference.
    @Sendable private static func base64Encode(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        return .string(Data(text.utf16.map { UInt8(truncatingIfNeeded: $0) }).base64EncodedString())
    }

    /// Each byte is a character; signs that are not Base64 are passed over.
    @Sendable private static func base64Decode(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        var bits: UInt32 = 0
        var count = 0
        var scalars: [Unicode.Scalar] = []
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") { break }
            guard let value = sixBits(byte) else { continue }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            scalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: bits >> UInt32(count))))
        }
        return .string(String(scalars))
    }

    /// The value of a sign of Base64, in either of its alphabets.
    private static func sixBits(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }

    private static func encode(_ call: Invocation, keeping kept: String) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        guard !text.unicodeScalars.contains(JSON.loneSurrogate) else { throw malformed(text, call) }
        let kept = Set(kept.utf8)
        let encoded = text.utf8.map { byte in
            if kept.contains(byte) { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
        }
        return .string(encoded.joined())
    }

    private static func decode(_ call: Invocation, keeping kept: String) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        var index = 0
        while index < source.count {
            guard source[index] == UInt8(ascii: "%") else {
                bytes.append(source[index])
                index += 1
                continue
            }
            let digits = source[min(index + 1, source.count)..<min(index + 3, source.count)]
            guard digits.count == 2, let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                throw malformed(text, call)
            }
            if kept.utf8.contains(byte) { bytes += source[index..<index + 3] } else { bytes.append(byte) }
            index += 3
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw malformed(text, call) }
        return .string(decoded)
    }

    private static func malformed(_ text: String, _ call: Invocation) -> JSONataError {
        call.fault("D3140", "Malformed URL passed to $\(call.site.name)(): \"\(text)\"")
    }
}
