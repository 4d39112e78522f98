/// Percent-encoding as signatures want it: every byte but `A-Z a-z 0-9 - . _ ~`, with large digits.
public enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// A text whose other bytes are written as `%41`.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - keepsSlash: Whether `/` stays, as in a path.
    /// - Returns: The encoded text.
    public static func encode(_ text: some StringProtocol, keepsSlash: Bool = false) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) || keepsSlash && byte == UInt8(ascii: "/") {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The bytes that an encoded text stands for; what is no such code stays.
    ///
    /// - Parameters:
    ///   - text: The encoded text.
    ///   - plusIsSpace: Whether `+` stands for a space, as in a form.
    /// - Returns: The bytes, which need not be UTF-8.
    public static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> [UInt8] {
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = Hexadecimal.value(of: bytes[index + 1]), let low = Hexadecimal.value(of: bytes[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(plusIsSpace && bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return decoded
    }

    /// The names and values of a query or a form, in their order.
    ///
    /// - Parameters:
    ///   - text: `name=value&name`, encoded.
    ///   - plusIsSpace: Whether `+` stands for a space, as in a form.
    /// - Returns: The pairs; a name alone has an empty value.
    public static func pairs(of text: String, plusIsSpace: Bool = false) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            func text(_ part: Substring) -> String {
                String(decoding: decode(part, plusIsSpace: plusIsSpace), as: UTF8.self)
            }
            return (text(parts[0]), parts.count == 2 ? text(parts[1]) : "")
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
