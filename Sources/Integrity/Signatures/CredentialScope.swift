internal import Crypto

/// For which day, region and service a signature counts, and whose it is.
public struct CredentialScope: Sendable, Hashable {
    /// The public half of the key.
    public let accessKeyID: String
    /// The day, as `20130524`.
    public let day: String
    /// The region, as `us-east-1`.
    public let region: String
    /// The service, as `s3`.
    public let service: String

    /// A scope of known parts.
    public init(accessKeyID: String, day: String, region: String, service: String) {
        self.accessKeyID = accessKeyID
        self.day = day
        self.region = region
        self.service = service
    }

    /// Reads `ID/DAY/REGION/SERVICE/aws4_request`; `nil` for anything else.
    public init?(credential: some StringProtocol) {
        let parts = String(credential).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 5, parts.last == "aws4_request" else { return nil }
        let tail = parts.suffix(4).map { $0 }
        let id = parts.dropLast(4).joined(separator: "/")
        guard !id.isEmpty, tail[0].utf8.count == 8, !tail[2].isEmpty else { return nil }
        self.init(accessKeyID: id, day: tail[0], region: tail[1], service: tail[2])
    }

    /// What is signed of it: `DAY/REGION/SERVICE/aws4_request`.
    public var text: String { "\(day)/\(region)/\(service)/aws4_request" }
}

/// The key of one scope, derived from a secret.
public struct SigningKey: Sendable {
    private let key: SymmetricKey

    /// Derives the key.
    ///
    /// - Parameters:
    ///   - secret: The secret half of the key.
    ///   - scope: The scope.
    public init(secret: String, scope: CredentialScope) {
        var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
        for part in [scope.day, scope.region, scope.service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        self.key = key
    }

    /// The signature of a text, in hexadecimal.
    public func sign(_ text: String) -> String {
        Hexadecimal.text(of: HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }

    /// Whether a signature is that of a text; takes as long for a wrong one as for the right one.
    public func isValid(_ signature: String, of text: String) -> Bool {
        guard let code = Hexadecimal.bytes(of: signature) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Array(text.utf8), using: key)
    }
}
