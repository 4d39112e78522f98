public import struct FoundationEssentials.Date

/// Signs requests with an access key, for a client.
public struct RequestSigner: Sendable {
    private let key: AccessKey
    private let region: String

    /// A signer with one key.
    public init(key: AccessKey, region: String = "us-east-1") {
        self.key = key
        self.region = region
    }

    /// The headers that make a request a signed one.
    ///
    /// - Parameters:
    ///   - request: The request, with its `host`.
    ///   - service: The service, as `states`.
    ///   - body: The request's body.
    ///   - date: When it is signed.
    ///   - nonce: What tells this request from an equal one of the same second.
    /// - Returns: `X-Amz-Date`, `Amz-Sdk-Invocation-Id` and `Authorization`.
    public func headers(
        for request: RequestHead,
        service: String,
        body: [UInt8],
        at date: Date,
        nonce: String
    ) -> [(name: String, value: String)] {
        let timestamp = SignatureTimestamp(date)
        let scope = CredentialScope(accessKeyID: key.id, day: timestamp.day, region: region, service: service)
        let added = [(name: "X-Amz-Date", value: timestamp.text), (name: "Amz-Sdk-Invocation-Id", value: nonce)]
        let whole = RequestHead(
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers + added
        )
        let names = Set(whole.headers.map { $0.name.lowercased() }).sorted()
        let canonical = CanonicalRequest(
            request: whole,
            isObjectStorage: service == "s3",
            signedHeaders: names,
            payloadHash: PayloadHash.text(of: body)
        )
        let text = StringToSign.text(timestamp, scope, digest: canonical.digest)
        let signature = SigningKey(secret: key.secret, scope: scope).sign(text)
        let credential = "\(key.id)/\(scope.text)"
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credential), SignedHeaders=\(names.joined(separator: ";")), "
            + "Signature=\(signature)"
        return added + [(name: "Authorization", value: authorization)]
    }
}
