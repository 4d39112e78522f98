internal import Crypto

/// What of an HTTP request is signed.
public struct RequestHead: Sendable {
    /// The method, as `GET`.
    public let method: String
    /// The path as it was sent, percent-encoded.
    public let path: String
    /// The query as it was sent, without its question mark.
    public let query: String
    /// The headers in their order; names in any case.
    public let headers: [(name: String, value: String)]

    /// A request of known parts.
    public init(method: String, path: String, query: String, headers: [(name: String, value: String)]) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
    }

    /// The first value of a header, by its name in small letters.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name }?.value
    }
}

/// Writes requests in the one form of which signatures are made, after "Create a canonical request" of AWS's
/// Signature Version 4.
struct CanonicalRequest {
    let request: RequestHead
    /// Paths of S3 are encoded once, those of every other service twice and with `//` and `..` resolved.
    let isObjectStorage: Bool
    let signedHeaders: [String]
    let payloadHash: String

    /// The digest of the canonical form, in hexadecimal.
    var digest: String { SHA256.hash(data: Array(text.utf8)).hexadecimal }

    var text: String {
        var lines = [request.method, path, query]
        for name in signedHeaders { lines.append("\(name):\(value(of: name))") }
        lines += ["", signedHeaders.joined(separator: ";"), payloadHash]
        return lines.joined(separator: "\n")
    }

    private var path: String {
        if isObjectStorage {
            let decoded = PercentEncoding.decode(request.path)
            return PercentEncoding.encode(String(decoding: decoded, as: UTF8.self), keepsSlash: true)
        }
        if request.path == "/" { return "/" }
        var parts: [Substring] = []
        for part in request.path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        let end = request.path.hasSuffix("/") && !parts.isEmpty ? "/" : ""
        return "/" + parts.map { PercentEncoding.encode($0) }.joined(separator: "/") + end
    }

    private var query: String {
        guard !request.query.isEmpty else { return "" }
        return PercentEncoding.pairs(of: request.query)
            .filter { $0.name != "X-Amz-Signature" }
            .map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { $0 < $1 }
            .map { "\($0)=\($1)" }
            .joined(separator: "&")
    }

    /// The values of a header, joined, without spaces around them and with single ones inside.
    private func value(of name: String) -> String {
        request.headers.filter { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name }
            .map { $0.value.split { $0 == " " || $0 == "\t" }.joined(separator: " ") }
            .joined(separator: ",")
    }
}

/// The text of which the signature of a request is made.
enum StringToSign {
    static func text(_ timestamp: SignatureTimestamp, _ scope: CredentialScope, digest: String) -> String {
        "AWS4-HMAC-SHA256\n\(timestamp.text)\n\(scope.text)\n\(digest)"
    }
}

extension Digest {
    var hexadecimal: String { Hexadecimal.text(of: self) }
}

/// SHA-256 in hexadecimal, as signatures name payloads.
public enum PayloadHash {
    /// The hash of no bytes.
    public static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// The hash of some bytes.
    public static func text(of bytes: some Sequence<UInt8>) -> String {
        SHA256.hash(data: Array(bytes)).hexadecimal
    }
}
