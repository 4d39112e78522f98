internal import FoundationEssentials
internal import Integrity
internal import NIOHTTP1

/// Which requests are let in: with access keys configured, those that are rightly signed and not sent a second time.
struct RequestAuthenticator: Sendable {
    private let verifier: SignatureVerifier
    private let replays = ReplayGuard()
    private let now: @Sendable () -> Date

    /// Paths that are answered without a signature: health and figures for the machine's own watchers, and the runtime
    /// API of functions, whose workers have no keys.
    static let unsignedPaths = ["/health", "/metrics"]

    /// An authenticator with some keys.
    init(_ keys: [AccessKey], now: @escaping @Sendable () -> Date) {
        verifier = SignatureVerifier(keys)
        self.now = now
    }

    /// Whether a path is answered without a signature.
    static func isUnsigned(_ path: String) -> Bool {
        unsignedPaths.contains { path == $0 || path.hasPrefix("\($0)/") }
    }

    /// Checks a request whose body is here.
    ///
    /// - Parameters:
    ///   - head: The request.
    ///   - payloadHash: The SHA-256 of the body, in hexadecimal.
    /// - Returns: Its signature.
    /// - Throws: `SignatureFault`.
    func check(_ head: RequestHead, payloadHash: String) throws(SignatureFault) -> VerifiedSignature {
        if let claimed = head.header("x-amz-content-sha256"), claimed.utf8.count == 64, claimed != payloadHash {
            throw .mismatch
        }
        let isUnsigned = head.header("x-amz-content-sha256") == "UNSIGNED-PAYLOAD"
        return try verifier.verify(head, payloadHash: isUnsigned ? "UNSIGNED-PAYLOAD" : payloadHash, at: now())
    }

    /// Checks a request to the object store, whose body has not come yet.
    ///
    /// - Parameter request: The request.
    /// - Returns: Its signature; `nil` for a presigned URL of the older kind.
    /// - Throws: `SignatureFault`.
    func check(_ request: S3Request) throws(SignatureFault) -> VerifiedSignature? {
        if request.head.header("authorization") == nil, SignatureVerifier.isVersion2(request.head.query) {
            _ = try verifier.verifyVersion2(request.head, virtualBucket: request.virtualBucket, at: now())
            return nil
        }
        let claim = try SignatureClaim(request.head)
        let sent = request.head.header("x-amz-content-sha256")
        let hash: String
        switch claim.form {
        case .query: hash = sent ?? "UNSIGNED-PAYLOAD"
        case .header:
            guard let sent else { throw .malformed("the header \"x-amz-content-sha256\" must be there") }
            hash = sent
        }
        let signature = try verifier.verify(request.head, payloadHash: hash, at: now())
        if request.method != "GET" && request.method != "HEAD" { try refuseReplay(of: signature, request.head) }
        return signature
    }

    /// Takes note of a request that changes something; a presigned URL is made to be used again.
    func refuseReplay(of signature: VerifiedSignature, _ head: RequestHead) throws(SignatureFault) {
        guard signature.claim.form == .header else { return }
        let call = (head.header("amz-sdk-invocation-id") ?? "") + (head.header("amz-sdk-request") ?? "")
        try replays.take(
            signature.claim.signature,
            call: call,
            signedAt: signature.claim.timestamp,
            now: Int(now().timeIntervalSince1970)
        )
    }
}

extension RequestHead {
    /// A request as it came in.
    init(_ head: HTTPRequestHead) {
        self.init(
            method: head.method.rawValue,
            path: head.path,
            query: head.query ?? "",
            headers: head.headers.map { ($0.name, $0.value) }
        )
    }
}

extension WireError {
    /// A fault of a signature, in the words of a protocol.
    init(_ fault: SignatureFault, in wireProtocol: WireProtocol) {
        switch wireProtocol {
        case .restXML: self = Self.objectStorage(fault)
        case .query: self = Self.query(fault)
        case .json10, .json11, .restJSON: self = Self.json(fault)
        }
    }

    private static let mismatchText =
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        + "Key and signing method. Consult the service documentation for details."
    private static let replayText =
        "The request was already sent with this signature; sign it anew to send it again"

    private static func objectStorage(_ fault: SignatureFault) -> WireError {
        switch fault {
        case .missing: WireError("AccessDenied", "Access Denied: requests to this service must be signed")
        case .malformed(let fact): WireError("AuthorizationHeaderMalformed", "The authorization is malformed; \(fact)")
        case .unknownKey:
            WireError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
        case .mismatch: WireError("SignatureDoesNotMatch", mismatchText)
        case .skewed(let times):
            WireError(
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large: \(times)"
            )
        case .expired(let times): WireError("AccessDenied", "Request has expired: \(times)")
        case .replayed: WireError("AccessDenied", replayText)
        }
    }

    private static func query(_ fault: SignatureFault) -> WireError {
        switch fault {
        case .missing: WireError("MissingAuthenticationToken", "Request is missing Authentication Token")
        case .malformed(let fact): WireError("IncompleteSignature", "The signature is incomplete: \(fact)")
        case .unknownKey:
            WireError("InvalidClientTokenId", "The security token included in the request is invalid.")
        case .mismatch: WireError("SignatureDoesNotMatch", mismatchText)
        case .skewed(let times), .expired(let times):
            WireError("SignatureDoesNotMatch", "Signature expired: \(times)")
        case .replayed: WireError("SignatureDoesNotMatch", replayText)
        }
    }

    private static func json(_ fault: SignatureFault) -> WireError {
        switch fault {
        case .missing: WireError("MissingAuthenticationTokenException", "Missing Authentication Token")
        case .malformed(let fact): WireError("IncompleteSignatureException", "The signature is incomplete: \(fact)")
        case .unknownKey:
            WireError("UnrecognizedClientException", "The security token included in the request is invalid.")
        case .mismatch: WireError("InvalidSignatureException", mismatchText)
        case .skewed(let times), .expired(let times):
            WireError("InvalidSignatureException", "Signature expired: \(times)")
        case .replayed: WireError("InvalidSignatureException", replayText)
        }
    }
}
