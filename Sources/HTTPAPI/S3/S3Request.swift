internal import Bucket
internal import FoundationEssentials
internal import Integrity
internal import NIOHTTP1

/// A request to the object store: which bucket and object it means, and how.
struct S3Request: Sendable {
    /// The method, as `GET`.
    let method: String
    /// The bucket's name; `nil` for the service itself.
    let bucket: String?
    /// The object's key; empty for the bucket itself.
    let key: String
    /// The names and values of the query, decoded.
    let query: [(name: String, value: String)]
    /// What is signed of it.
    let head: RequestHead
    /// The bucket, where its name stands in the host.
    let virtualBucket: String?

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - virtualBucket: The bucket, where its name stands in the host.
    /// - Throws: `WireError` with `InvalidURI` when the path is not UTF-8.
    init(_ request: RequestHead, virtualBucket: String?) throws(WireError) {
        head = request
        method = request.method
        self.virtualBucket = virtualBucket
        query = PercentEncoding.pairs(of: request.query, plusIsSpace: true)
        let bytes = PercentEncoding.decode(request.path.drop { $0 == "/" }.isEmpty ? "" : request.path.dropFirst())
        guard let path = String(validating: bytes, as: UTF8.self) else {
            throw WireError("InvalidURI", "Couldn't parse the specified URI: it is not UTF-8.")
        }
        if let virtualBucket {
            bucket = virtualBucket
            key = path
        } else {
            let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            bucket = parts.first.flatMap { $0.isEmpty ? nil : $0 }
            key = parts.count == 2 ? parts[1] : ""
        }
    }

    /// A header, by its name in small letters.
    func header(_ name: String) -> String? { head.header(name) }

    /// A value of the query.
    subscript(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// A number of the query.
    func number(_ name: String, in range: ClosedRange<Int>) throws(WireError) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .invalidArgument(
                "Argument \(name) must be an integer between \(range.lowerBound) and \(range.upperBound), not \"\(text)\""
            )
        }
        return number
    }

    /// Which operation of a bucket or an object is meant, where it is not the plain one.
    var subresource: String? {
        query.map(\.name).first { Self.subresources.contains($0) }
    }

    private static let subresources: Set<String> = [
        "accelerate", "acl", "analytics", "cors", "delete", "encryption", "intelligent-tiering", "inventory",
        "legal-hold", "lifecycle", "location", "logging", "metrics", "notification", "object-lock",
        "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment", "restore",
        "retention", "select", "tagging", "torrent", "uploadId", "uploads", "versioning", "versions", "website",
        "attributes",
    ]

    /// What is to be kept beside an object.
    var attributes: ObjectAttributes {
        var values: [String: String] = [:]
        for (header, name) in ObjectAttributes.headers {
            guard let value = self.header(header) else { continue }
            // How the request itself was framed is nothing of the object.
            let kept = header == "content-encoding" ? Self.withoutChunks(value) : value
            if !kept.isEmpty { values[name] = kept }
        }
        for (name, value) in head.headers where name.lowercased().hasPrefix(ObjectAttributes.metadataMark) {
            values[name.lowercased()] = value
        }
        return ObjectAttributes(values)
    }

    private static func withoutChunks(_ encodings: String) -> String {
        encodings.split(separator: ",").map { $0.filter { $0 != " " } }.filter { $0 != "aws-chunked" }
            .joined(separator: ",")
    }
}

/// Where a bucket's name stands in a host: `BUCKET.localhost`, `BUCKET.s3.localhost`, `BUCKET.s3.us-east-1.…`.
enum VirtualHost {
    /// The bucket of a host; `nil` where the bucket stands in the path.
    static func bucket(in host: String) -> String? {
        let name = host.utf8.prefix { $0 != UInt8(ascii: ":") }
        // Most requests come to an address, or to a name without a dot.
        guard let last = name.last, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last),
            name.contains(UInt8(ascii: "."))
        else { return nil }
        return bucket(inName: Substring(name))
    }

    private static func bucket(inName name: Substring) -> String? {
        if name.hasSuffix(".localhost") {
            let rest = name.dropLast(".localhost".count)
            if rest == "s3" { return nil }
            return String(rest.hasSuffix(".s3") ? rest.dropLast(3) : rest)
        }
        guard let mark = name.firstRange(of: ".s3.") else { return nil }
        return String(name[..<mark.lowerBound])
    }
}

extension WireError {
    static func invalidArgument(_ message: String) -> WireError { WireError("InvalidArgument", message) }
    static func invalidRequest(_ message: String) -> WireError { WireError("InvalidRequest", message) }
    static let preconditionFailed = WireError(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold"
    )
    /// HTTP answers it without a body.
    static let notModified = WireError("NotModified", "Not Modified")
    static let malformedXML = WireError(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema"
    )
    static func notImplemented(_ what: String) -> WireError {
        WireError("NotImplemented", "\(what) is not implemented here")
    }

    /// What a bucket's fault is to a client of S3.
    init(_ error: BucketError) {
        let code =
            switch error.code {
            case .invalidBucketName: "InvalidBucketName"
            case .invalidLocation, .symbolicLinkRefused, .invalidToken: "InvalidArgument"
            case .keyTooLong: "KeyTooLongError"
            case .bucketExists: "BucketAlreadyOwnedByYou"
            case .bucketNotEmpty: "BucketNotEmpty"
            case .bucketIsConfigured: "AccessDenied"
            case .noSuchUpload: "NoSuchUpload"
            case .invalidPart: "InvalidPart"
            case .unsatisfiableRange: "InvalidRange"
            case .noSuchBucket: "NoSuchBucket"
            case .noSuchKey: "NoSuchKey"
            case .attributesRefused: "MetadataTooLarge"
            case .file: error.isDiskFull ? "InsufficientStorage" : "InternalFailure"
            }
        self.init(code, error.description)
    }
}
