internal import Bucket
internal import Integrity

/// What was found out about a body while it was read.
struct PayloadDigest: Sendable {
    /// How many bytes of content it had.
    var size = 0
    /// The MD5 of the content, in hexadecimal.
    var md5 = ""
    /// The checksum that was sent along or asked for.
    var checksum: (algorithm: ChecksumAlgorithm, bytes: [UInt8])?

    /// The checksum as it is kept with an object.
    var contentChecksum: ContentChecksum? {
        checksum.map { ContentChecksum(algorithm: $0.algorithm.rawValue, value: Base64.encode($0.bytes)) }
    }
}

/// Reads the body of a request and proves that it came whole: its length, its hashes, the signatures of its chunks.
struct S3Payload {
    /// The most bytes of one put, as on S3.
    private static let maximumSize = 5 << 30

    private let request: S3Request
    private let body: IncomingBody
    private let expectedHash: String?
    private let expectedSize: Int?
    private let expectedMD5: [UInt8]?
    private let algorithm: ChecksumAlgorithm?
    private var chunks: ChunkedBody?

    /// Prepares to read a body.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - body: Its body.
    ///   - signature: The request's signature, where signatures are checked.
    ///   - algorithm: The checksum to make where the request asks for none.
    /// - Throws: `WireError` when a header that describes it cannot be.
    init(
        _ request: S3Request,
        _ body: IncomingBody,
        _ signature: VerifiedSignature?,
        making algorithm: ChecksumAlgorithm? = nil
    ) throws(WireError) {
        self.request = request
        self.body = body
        let claim = request.header("x-amz-content-sha256") ?? ""
        let isChunked =
            claim.hasPrefix("STREAMING-") || request.header("content-encoding")?.contains("aws-chunked") == true
        expectedHash = claim.utf8.count == 64 ? claim : nil
        if isChunked {
            let isSigned = claim.hasPrefix("STREAMING-AWS4-HMAC-SHA256")
            chunks = ChunkedBody(signing: isSigned ? signature.map(ChunkedBody.Signing.init) : nil)
        }
        expectedSize = try Self.size(request, isChunked: isChunked)
        expectedMD5 = try Self.md5(request)
        self.algorithm = try Self.algorithm(request) ?? algorithm
    }

    /// Reads the content, piece by piece, and checks it.
    ///
    /// - Parameter take: Gets the pieces; what it does must not count until this function has returned.
    /// - Returns: What was found out.
    /// - Throws: `WireError` when the content is not what was announced; what `take` throws.
    func read(_ take: ([UInt8]) throws -> Void) async throws -> PayloadDigest {
        var chunks = chunks
        var digest = PayloadDigest()
        var (md5, hash, checksum) = (MD5(), BodyHash(), algorithm.map(Checksum.init))
        while let bytes = try await next() {
            if expectedHash != nil { hash.update(bytes) }
            let content = try Self.reporting { () throws(ChunkFault) in try chunks?.decode(bytes) ?? bytes }
            digest.size += content.count
            guard digest.size <= Self.maximumSize else { throw Self.tooLarge }
            md5.update(content)
            checksum?.update(content)
            try take(content)
        }
        try Self.reporting { () throws(ChunkFault) in try chunks?.finish() }
        if let expectedSize, digest.size != expectedSize { throw Self.incomplete }
        if let expectedHash, hash.text != expectedHash {
            throw WireError(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed."
            )
        }
        digest.md5 = Hexadecimal.text(of: md5.bytes)
        if let expectedMD5, expectedMD5 != md5.bytes {
            throw WireError("BadDigest", "The Content-MD5 you specified did not match what we received.")
        }
        digest.checksum = checksum.map { ($0.algorithm, $0.bytes) }
        try check(digest, trailer: chunks?.trailer ?? [])
        return digest
    }

    /// A small body as a whole.
    func collect(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try await read { piece in
            guard bytes.count + piece.count <= limit else { throw Self.tooLarge }
            bytes += piece
        }
        return bytes
    }

    private func next() async throws -> [UInt8]? {
        do {
            return try await body.next()
        } catch is IncomingBody.CutOff {
            throw Self.incomplete
        }
    }

    /// Checks the checksums of the headers and the trailer.
    private func check(_ digest: PayloadDigest, trailer: [(name: String, value: String)]) throws(WireError) {
        guard let (algorithm, bytes) = digest.checksum else { return }
        let sent = request.header(algorithm.header) ?? trailer.first { $0.name == algorithm.header }?.value
        guard let sent else { return }
        guard let expected = Base64.decode(sent), expected.count == algorithm.byteCount else {
            throw .invalidRequest("Value for \(algorithm.header) header is invalid.")
        }
        guard expected == bytes else {
            throw WireError(
                "BadDigest",
                "The \(algorithm.rawValue) you specified did not match the calculated checksum."
            )
        }
    }

    // MARK: What the headers say

    private static func size(_ request: S3Request, isChunked: Bool) throws(WireError) -> Int? {
        let isFramed = request.header("transfer-encoding") != nil
        let name = isChunked ? "x-amz-decoded-content-length" : "content-length"
        guard let text = request.header(name) else {
            guard isFramed || (isChunked && request.header("content-length") != nil) else {
                throw WireError("MissingContentLength", "You must provide the Content-Length HTTP header.")
            }
            return nil
        }
        guard let size = Int(text), size >= 0 else { throw .invalidArgument("\(name) \"\(text)\" must be a number") }
        guard size <= maximumSize else { throw tooLarge }
        return size
    }

    private static func md5(_ request: S3Request) throws(WireError) -> [UInt8]? {
        guard let text = request.header("content-md5") else { return nil }
        guard let bytes = Base64.decode(text), bytes.count == 16 else {
            throw WireError("InvalidDigest", "The Content-MD5 you specified is not valid.")
        }
        return bytes
    }

    /// Which checksum the request comes with, or wants.
    private static func algorithm(_ request: S3Request) throws(WireError) -> ChecksumAlgorithm? {
        if let sent = ChecksumAlgorithm.allCases.first(where: { request.header($0.header) != nil }) { return sent }
        if let trailer = request.header("x-amz-trailer")?.lowercased() {
            if let sent = ChecksumAlgorithm.allCases.first(where: { trailer.contains($0.header) }) { return sent }
        }
        guard let name = request.header("x-amz-sdk-checksum-algorithm") else { return nil }
        guard let algorithm = ChecksumAlgorithm(rawValue: name.uppercased()) else {
            throw .invalidRequest("Checksum algorithm provided is unsupported: \"\(name)\".")
        }
        return algorithm
    }

    private static func reporting<Value>(_ work: () throws(ChunkFault) -> Value) throws(WireError) -> Value {
        do {
            return try work()
        } catch {
            switch error {
            case .cutOff: throw incomplete
            case .malformed(let fact): throw .invalidRequest("The chunked body cannot be read: \(fact).")
            case .mismatch:
                throw WireError(
                    "SignatureDoesNotMatch",
                    "The signature of a chunk does not match the signature we calculated. Check your key."
                )
            }
        }
    }

    private static let incomplete = WireError(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header"
    )

    private static let tooLarge = WireError(
        "EntityTooLarge",
        "Your proposed upload exceeds the maximum allowed size"
    )
}
