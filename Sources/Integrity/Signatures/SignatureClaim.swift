/// What a request says about its signature, before anybody has checked it.
public struct SignatureClaim: Sendable {
    /// Where the signature stands.
    public enum Form: Sendable, Equatable {
        /// In the header `Authorization`.
        case header
        /// In the query, valid for so many seconds.
        case query(seconds: Int)
    }

    /// Whose it is, and for what.
    public let scope: CredentialScope
    /// When it was made.
    public let timestamp: SignatureTimestamp
    /// Where it stands.
    public let form: Form
    /// In hexadecimal.
    public let signature: String
    let signedHeaders: [String]

    private static let algorithm = "AWS4-HMAC-SHA256"

    /// Reads the claim of a request.
    ///
    /// - Parameter request: The request.
    /// - Throws: `SignatureFault` with `missing` or `malformed`.
    public init(_ request: RequestHead) throws(SignatureFault) {
        if let text = request.header("authorization") {
            try self.init(authorization: text, request)
        } else if request.query.contains("X-Amz-") {
            try self.init(query: PercentEncoding.pairs(of: request.query))
        } else {
            throw .missing
        }
        guard signedHeaders.contains("host") else { throw .malformed("the header \"host\" must be signed") }
        guard timestamp.day == scope.day else {
            throw .malformed("the credential's day \"\(scope.day)\" must be that of the date \"\(timestamp.text)\"")
        }
    }

    /// The service that a request says it is signed for, which is asked of every request.
    ///
    /// - Parameter text: The header `Authorization`.
    /// - Returns: The service; `nil` where it names none that can be read.
    public static func service(authorization text: String) -> String? {
        var slashes: [String.Index] = []
        let bytes = text.utf8
        guard let start = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        for index in bytes[start...].indices {
            if bytes[index] == UInt8(ascii: "/") { slashes.append(index) }
            if bytes[index] == UInt8(ascii: ",") { break }
        }
        guard slashes.count >= 4 else { return nil }
        let (first, last) = (slashes[slashes.count - 2], slashes[slashes.count - 1])
        guard bytes[last...].starts(with: "/aws4_request".utf8) else { return nil }
        return String(text[bytes.index(after: first)..<last])
    }

    /// The service that a presigned URL says it is signed for.
    ///
    /// - Parameter query: The query, without its question mark.
    /// - Returns: The service; `nil` where it names none that can be read.
    public static func service(query: String) -> String? {
        let credential = PercentEncoding.pairs(of: query).first { $0.name == "X-Amz-Credential" }
        return credential.flatMap { CredentialScope(credential: $0.value)?.service }
    }

    private init(authorization text: String, _ request: RequestHead) throws(SignatureFault) {
        guard text.hasPrefix(Self.algorithm) else {
            throw .malformed("the header \"Authorization\" must begin with \"\(Self.algorithm)\"")
        }
        var fields: [Substring: Substring] = [:]
        for part in text.dropFirst(Self.algorithm.count).split(whereSeparator: { $0 == "," || $0 == " " }) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { fields[pair[0]] = pair[1] }
        }
        guard let credential = fields["Credential"], let names = fields["SignedHeaders"],
            let signature = fields["Signature"]
        else { throw .malformed("the header \"Authorization\" must have Credential, SignedHeaders and Signature") }
        guard let scope = CredentialScope(credential: credential) else { throw Self.badCredential(credential) }
        guard let timestamp = request.header("x-amz-date").flatMap({ SignatureTimestamp($0) }) else {
            throw .malformed("the header \"X-Amz-Date\" must be a date as \"20130524T000000Z\"")
        }
        self.scope = scope
        self.timestamp = timestamp
        form = .header
        self.signature = String(signature)
        signedHeaders = names.split(separator: ";").map(String.init)
        for header in request.headers {
            let name = header.name.lowercased()
            guard !name.hasPrefix("x-amz-") || signedHeaders.contains(name) else {
                throw .malformed("the header \"\(name)\" must be signed")
            }
        }
    }

    private init(query pairs: [(name: String, value: String)]) throws(SignatureFault) {
        func value(_ name: String) throws(SignatureFault) -> String {
            guard let value = pairs.first(where: { $0.name == name })?.value else {
                throw .malformed("the query must have \(name)")
            }
            return value
        }
        guard try value("X-Amz-Algorithm") == Self.algorithm else {
            throw .malformed("X-Amz-Algorithm must be \"\(Self.algorithm)\"")
        }
        let credential = try value("X-Amz-Credential")
        guard let scope = CredentialScope(credential: credential) else { throw Self.badCredential(credential[...]) }
        guard let timestamp = SignatureTimestamp(try value("X-Amz-Date")) else {
            throw .malformed("X-Amz-Date must be a date as \"20130524T000000Z\"")
        }
        let expires = try value("X-Amz-Expires")
        guard let seconds = Int(expires), (1...604_800).contains(seconds) else {
            throw .malformed("X-Amz-Expires \"\(expires)\" must be from 1 to 604800 seconds")
        }
        self.scope = scope
        self.timestamp = timestamp
        form = .query(seconds: seconds)
        signature = try value("X-Amz-Signature")
        signedHeaders = try value("X-Amz-SignedHeaders").split(separator: ";").map(String.init)
    }

    private static func badCredential(_ text: Substring) -> SignatureFault {
        .malformed("the credential \"\(text)\" must be \"ID/DAY/REGION/SERVICE/aws4_request\"")
    }
}
