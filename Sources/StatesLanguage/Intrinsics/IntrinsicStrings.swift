import Crypto
import FoundationEssentials
import JSON

/// The intrinsic functions of strings; `nil` says that the arguments are not for the function.
enum IntrinsicStrings {
    /// What is encoded, decoded or hashed may have so many characters.
    private static let maximumLength = 10_000

    /// The value that a text is of; nothing but white space is null, as on AWS.
    static func parsed(_ text: String) -> JSON? {
        text.allSatisfy(\.isWhitespace) ? .null : try? JSON(parsing: text)
    }

    /// Cuts at every character of the separators; empty pieces are dropped, as AWS does.
    static func split(_ value: JSON, at separators: JSON) -> JSON? {
        guard let text = value.string, let separators = separators.string else { return nil }
        return .array(text.split { separators.contains($0) }.map { .string(String($0)) })
    }

    static func base64Encoded(_ value: JSON) -> JSON? {
        guard let text = limited(value) else { return nil }
        return .string(Data(text.utf8).base64EncodedString())
    }

    static func base64Decoded(_ value: JSON) -> JSON? {
        guard let text = limited(value),
            let data = Data(base64Encoded: text.trimmingPadding, options: .ignoreUnknownCharacters)
        else { return nil }
        return .string(String(decoding: data, as: UTF8.self))
    }

    /// The hash as lowercase hexadecimal; anything but a string is hashed as its JSON text.
    static func hash(_ value: JSON, algorithm: JSON) -> JSON? {
        let text = value.string ?? value.text
        guard text.unicodeScalars.count <= maximumLength, let algorithm = algorithm.string else { return nil }
        return digest(of: text, algorithm: algorithm).map(JSON.string)
    }

    /// The hash of a text as lowercase hexadecimal; `nil` for an algorithm that is not there.
    static func digest(of text: String, algorithm: String) -> String? {
        let data = Array(text.utf8)
        switch algorithm {
        case "MD5": return hexadecimal(Insecure.MD5.hash(data: data))
        case "SHA-1": return hexadecimal(Insecure.SHA1.hash(data: data))
        case "SHA-256": return hexadecimal(SHA256.hash(data: data))
        case "SHA-384": return hexadecimal(SHA384.hash(data: data))
        case "SHA-512": return hexadecimal(SHA512.hash(data: data))
        default: return nil
        }
    }

    private static func limited(_ value: JSON) -> String? {
        guard let text = value.string, text.unicodeScalars.count <= maximumLength else { return nil }
        return text
    }

    private static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension String {
    /// The Base64 text with as much padding as its length asks for.
    fileprivate var trimmingPadding: String {
        let body = filter { $0 != "=" && !$0.isWhitespace }
        return body + String(repeating: "=", count: (4 - body.utf8.count % 4) % 4)
    }
}
