public import Bucket
public import FoundationEssentials
public import Functions
internal import Integrity

/// The object store: what of S3 the CLI, `boto3` and functions need, on the buckets of this machine.
///
/// An object is a file below its bucket's directory, so what is put here is a drop as any other.
public struct S3Service: Sendable {
    let buckets: Buckets
    let functions: FunctionService?
    let region: String
    let account: String
    let now: @Sendable () -> Date
    let makeID: @Sendable () -> String

    /// An object store.
    ///
    /// - Parameters:
    ///   - buckets: The buckets.
    ///   - functions: What may be told of their objects.
    ///   - region: Where they say they are.
    ///   - account: Whose they say they are.
    ///   - now: The time.
    ///   - makeID: Makes the ids of uploads: letters, digits and hyphens.
    public init(
        buckets: Buckets,
        functions: FunctionService? = nil,
        region: String = "us-east-1",
        account: String = "000000000000",
        now: @escaping @Sendable () -> Date,
        makeID: @escaping @Sendable () -> String
    ) {
        self.buckets = buckets
        self.functions = functions
        self.region = region
        self.account = account
        self.now = now
        self.makeID = makeID
    }

    /// Answers a request.
    func answer(_ request: S3Request, _ body: IncomingBody, _ signature: VerifiedSignature?) async throws -> S3Answer {
        guard let name = request.bucket else {
            guard request.method == "GET" || request.method == "HEAD" else { throw notAllowed(request, "The service") }
            return listBuckets()
        }
        guard request.key.isEmpty else {
            let bucket = try buckets.bucket(named: name)
            return try await answer(request, body, signature, object: request.key, in: bucket)
        }
        if request.method == "PUT", request.subresource == nil {
            return try await createBucket(name, S3Payload(request, body, signature))
        }
        return try await answer(request, body, signature, bucket: buckets.bucket(named: name))
    }

    private func answer(
        _ request: S3Request,
        _ body: IncomingBody,
        _ signature: VerifiedSignature?,
        bucket: Bucket
    ) async throws -> S3Answer {
        switch (request.method, request.subresource) {
        case ("GET", nil): try list(request, bucket)
        case ("HEAD", nil): .empty(200, [("x-amz-bucket-region", region)])
        case ("DELETE", nil): try deleteBucket(bucket)
        case ("GET", "location"): location()
        case ("GET", "versioning"): .document("VersioningConfiguration", [])
        case ("GET", "uploads"): try listUploads(request, bucket)
        case ("GET", "notification"): notifications(bucket)
        case ("PUT", "notification"): try await putNotifications(S3Payload(request, body, signature), bucket)
        case ("POST", "delete"): try await deleteObjects(S3Payload(request, body, signature), bucket)
        case (_, let subresource?): throw WireError.notImplemented("\(request.method) of a bucket's \(subresource)")
        case (_, nil): throw notAllowed(request, "A bucket")
        }
    }

    private func answer(
        _ request: S3Request,
        _ body: IncomingBody,
        _ signature: VerifiedSignature?,
        object key: String,
        in bucket: Bucket
    ) async throws -> S3Answer {
        let upload = request["uploadId"]
        switch (request.method, request.subresource) {
        case ("GET", nil), ("HEAD", nil): return try get(request, key, in: bucket)
        case ("PUT", nil) where request.header("x-amz-copy-source") != nil: return try await copy(request, key, bucket)
        case ("PUT", nil): return try await put(S3Payload(request, body, signature), request, key, bucket)
        case ("DELETE", nil): return try delete(key, in: bucket)
        case ("POST", "uploads"): return try createUpload(request, key, bucket)
        case ("PUT", "uploadId"):
            let upload = try bucket.upload(upload ?? "", for: key)
            if request.header("x-amz-copy-source") != nil { return try await copyPart(request, upload, bucket) }
            let algorithm = upload.algorithm.flatMap(ChecksumAlgorithm.init)
            let payload = try S3Payload(request, body, signature, making: algorithm)
            return try await putPart(payload, request, upload, bucket)
        case ("GET", "uploadId"): return try listParts(request, bucket.upload(upload ?? "", for: key), bucket)
        case ("POST", "uploadId"):
            return try await completeUpload(S3Payload(request, body, signature), request, upload ?? "", key, bucket)
        case ("DELETE", "uploadId"):
            try bucket.abort(bucket.upload(upload ?? "", for: key))
            return .empty(204)
        case (_, let subresource?): throw WireError.notImplemented("\(request.method) of an object's \(subresource)")
        case (_, nil): throw notAllowed(request, "An object")
        }
    }

    private func notAllowed(_ request: S3Request, _ what: String) -> WireError {
        WireError(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource: \(what) takes no \(request.method)."
        )
    }

    // MARK: Buckets

    var owner: XMLNode { XMLNode("Owner", [XMLNode("ID", account), XMLNode("DisplayName", account)]) }

    private func listBuckets() -> S3Answer {
        let all = buckets.all.sorted { $0.name < $1.name }.map { bucket in
            XMLNode(
                "Bucket",
                [
                    XMLNode("Name", bucket.name), XMLNode("CreationDate", Self.creationDate(of: bucket).s3Text),
                    XMLNode("BucketRegion", region),
                ]
            )
        }
        return .document("ListAllMyBucketsResult", [owner, XMLNode("Buckets", all)])
    }

    private static func creationDate(of bucket: Bucket) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: bucket.root)
        let date = attributes?[.creationDate] ?? attributes?[.modificationDate]
        return date as? Date ?? Date(timeIntervalSince1970: 0)
    }

    private func createBucket(_ name: String, _ payload: S3Payload) async throws -> S3Answer {
        let body = try await payload.collect(upTo: 64 << 10)
        if !body.isEmpty {
            guard let root = try? XMLReader.root(of: body) else { throw WireError.malformedXML }
            let wanted = root["LocationConstraint"]?.text ?? ""
            guard wanted.isEmpty || wanted == region else {
                throw WireError(
                    "InvalidLocationConstraint",
                    "The location constraint \"\(wanted)\" is not that of this service, \"\(region)\""
                )
            }
        }
        try buckets.create(name)
        return .empty(200, [("Location", "/\(name)")])
    }

    private func deleteBucket(_ bucket: Bucket) throws -> S3Answer {
        try buckets.delete(bucket.name)
        return .empty(204)
    }

    /// The region that was there first has no name.
    private func location() -> S3Answer {
        var root = XMLNode("LocationConstraint", region == "us-east-1" ? "" : region)
        root.namespace = S3Answer.namespace
        return S3Answer(contentType: "application/xml", body: root.document)
    }
}
