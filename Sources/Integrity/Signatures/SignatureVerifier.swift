public import struct FoundationEssentials.Date
internal import Synchronization

/// A signature that has proved right.
public struct VerifiedSignature: Sendable {
    /// What the request said.
    public let claim: SignatureClaim
    /// The key of its scope, with which the chunks of a body are signed too.
    public let key: SigningKey
}

/// Checks the signatures of requests against the access keys of a service.
///
/// The derived key of a scope is kept, so that a request costs two hashes and one HMAC.
public final class SignatureVerifier: Sendable {
    /// How far the clock of a client may be off.
    public static let allowedSkew = 900

    private let secrets: [String: String]
    private let keys = Mutex<[CredentialScope: SigningKey]>([:])
    /// A scope costs about 200 bytes; a client that signs for ever new regions must not fill the memory.
    private static let maximumKeys = 512

    /// A verifier for some keys; of two with one id the last counts.
    public init(_ keys: [AccessKey]) {
        secrets = Dictionary(keys.map { ($0.id, $0.secret) }) { _, last in last }
    }

    /// Checks a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - payloadHash: The SHA-256 of the body in hexadecimal, or what stands for it (`UNSIGNED-PAYLOAD`).
    ///   - date: The time.
    /// - Returns: The signature, which is right.
    /// - Throws: `SignatureFault`.
    public func verify(
        _ request: RequestHead,
        payloadHash: String,
        at date: Date
    ) throws(SignatureFault) -> VerifiedSignature {
        let claim = try SignatureClaim(request)
        guard let secret = secrets[claim.scope.accessKeyID] else { throw .unknownKey(claim.scope.accessKeyID) }
        try Self.checkTime(claim, at: date)
        let canonical = CanonicalRequest(
            request: request,
            isObjectStorage: claim.scope.service == "s3",
            signedHeaders: claim.signedHeaders,
            payloadHash: payloadHash
        )
        let key = key(of: claim.scope, secret)
        let text = StringToSign.text(claim.timestamp, claim.scope, digest: canonical.digest)
        guard key.isValid(claim.signature, of: text) else { throw .mismatch }
        return VerifiedSignature(claim: claim, key: key)
    }

    /// The secret of an access key.
    func secret(of id: String) -> String? { secrets[id] }

    private static func checkTime(_ claim: SignatureClaim, at date: Date) throws(SignatureFault) {
        let now = Int(date.timeIntervalSince1970.rounded(.down))
        let age = now - claim.timestamp.seconds
        let times = "signed at \(claim.timestamp.text), received at \(SignatureTimestamp(date).text)"
        switch claim.form {
        case .header:
            guard abs(age) <= allowedSkew else { throw .skewed(times) }
        case .query(let seconds):
            guard age >= -allowedSkew else { throw .skewed(times) }
            guard age <= seconds else { throw .expired("\(times), good for \(seconds) seconds") }
        }
    }

    private func key(of scope: CredentialScope, _ secret: String) -> SigningKey {
        if let known = keys.withLock({ $0[scope] }) { return known }
        let key = SigningKey(secret: secret, scope: scope)
        keys.withLock { keys in
            if keys.count >= Self.maximumKeys { keys.removeAll() }
            keys[scope] = key
        }
        return key
    }
}
