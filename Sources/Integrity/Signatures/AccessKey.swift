/// A pair of keys: who signs, and with what.
public struct AccessKey: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The public half, which goes along with each request.
    public let id: String
    /// The secret half, which never does.
    public let secret: String

    /// A pair of keys.
    ///
    /// - Parameters:
    ///   - id: 3 to 128 letters, digits, hyphens or underscores.
    ///   - secret: At least 8 visible ASCII characters.
    /// - Throws: `SignatureFault` with `malformed`, saying what is wrong.
    public init(id: String, secret: String) throws(SignatureFault) {
        let isID =
            (3...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard isID else {
            throw .malformed("access key id \"\(id)\" must be 3 to 128 letters, digits, hyphens or underscores")
        }
        guard secret.utf8.count >= 8, secret.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .malformed("the secret of access key \"\(id)\" must be 8 or more ASCII characters without spaces")
        }
        self.id = id
        self.secret = secret
    }

    /// The id alone: a secret is never printed.
    public var description: String { id }
    /// The id alone: a secret is never printed.
    public var debugDescription: String { "AccessKey(\(id))" }
}
