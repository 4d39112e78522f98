import FoundationEssentials

extension Builtin {
    static let encodings: [Entry] = [
        ("base64encode", "<s-:s>", base64Encode),
        ("base64decode", "<s-:s>", base64Decode),
        ("encodeUrlComponent", "<s-:s>", { (call) throws(JSONataError) in encode(call, keeping: unreserved) }),
        ("encodeUrl", "<s-:s>", { (call) throws(JSONataError) in encode(call, keeping: unreserved + reserved) }),
        ("decodeUrlComponent", "<s-:s>", { (call) throws(JSONataError) in try decode(call, keeping: "") }),
        ("decodeUrl", "<s-:s>", { (call) throws(JSONataError) in try decode(call, keeping: reserved) }),
    ]

    private static let unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()"
    private static let reserved = ";/?:@&=+$,#"

    @Sendable private static func base64Encode(_ call: Invocation) throws(JSONataError) -> Value? {
        call.string(0).map { .string(Data($0.utf8).base64EncodedString()) }
    }

    @Sendable private static func base64Decode(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        guard let data = Data(base64Encoded: text), let decoded = String(data: data, encoding: .utf8) else {
            throw call.fault("D3137", "the text given to $base64decode is not Base64 of UTF-8")
        }
        return .string(decoded)
    }

    private static func encode(_ call: Invocation, keeping kept: String) -> Value? {
        guard let text = call.string(0) else { return nil }
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
