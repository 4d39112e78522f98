internal import Crypto
public import struct FoundationEssentials.Date

extension SignatureVerifier {
    /// Parts of a query that name what of an object or bucket is meant, and so are signed.
    private static let subresources: Set<String> = [
        "acl", "delete", "location", "partNumber", "policy", "response-cache-control", "response-content-disposition",
        "response-content-encoding", "response-content-language", "response-content-type", "response-expires",
        "uploadId", "uploads", "versionId", "versioning", "versions",
    ]

    /// Whether a request is a URL of S3 presigned by Signature Version 2, which `boto3` still makes unless told
    /// otherwise.
    public static func isVersion2(_ query: String) -> Bool {
        query.contains("AWSAccessKeyId=") && query.contains("Signature=") && query.contains("Expires=")
    }

    /// Checks a URL of S3 presigned by Signature Version 2.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - bucket: The bucket, where its name stands in the host and not in the path.
    ///   - date: The time.
    /// - Returns: The id of the access key.
    /// - Throws: `SignatureFault`.
    public func verifyVersion2(
        _ request: RequestHead,
        virtualBucket bucket: String?,
        at date: Date
    ) throws(SignatureFault) -> String {
        let pairs = PercentEncoding.pairs(of: request.query)
        func value(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
        guard let id = value("AWSAccessKeyId"), let signature = value("Signature"), let expires = value("Expires"),
            let end = Int(expires)
        else { throw .malformed("the query must have AWSAccessKeyId, Signature and Expires") }
        guard let secret = secret(of: id) else { throw .unknownKey(id) }
        let now = Int(date.timeIntervalSince1970.rounded(.down))
        guard now <= end else { throw .expired("good until \(end), received at \(now)") }
        var lines = [
            request.method, request.header("content-md5") ?? "", request.header("content-type") ?? "", expires,
        ]
        let names = Set(request.headers.map { $0.name.lowercased() }.filter { $0.hasPrefix("x-amz-") })
        for name in names.sorted() {
            let values = request.headers.filter { $0.name.lowercased() == name }.map(\.value)
            lines.append("\(name):\(values.joined(separator: ","))")
        }
        lines.append(Self.resource(request, bucket, pairs))
        let key = SymmetricKey(data: Array(secret.utf8))
        guard let code = Base64.decode(signature),
            HMAC<Insecure.SHA1>.isValidAuthenticationCode(
                code,
                authenticating: Array(lines.joined(separator: "\n").utf8),
                using: key
            )
        else { throw .mismatch }
        return id
    }

    private static func resource(
        _ request: RequestHead,
        _ bucket: String?,
        _ pairs: [(name: String, value: String)]
    ) -> String {
        let parts = pairs.filter { subresources.contains($0.name) }
            .sorted { $0.name < $1.name }
            .map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }
        let path = (bucket.map { "/\($0)" } ?? "") + request.path
        return parts.isEmpty ? path : "\(path)?\(parts.joined(separator: "&"))"
    }
}
