internal import Bucket
internal import Integrity
internal import Synchronization

extension S3Service {
    /// Between the look at what is there and the writing of what goes in its place nobody else may write.
    private static let conditional = Mutex(())

    /// `PutObject`.
    func put(_ payload: S3Payload, _ request: S3Request, _ key: String, _ bucket: Bucket) async throws -> S3Answer {
        try checkWritable(key)
        try checkConditions(request, key, bucket)
        var object = try bucket.begin(key, attributes: request.attributes)
        let digest = try await payload.read { try object.write($0) }
        let mark = ContentMark(entityTag: digest.md5, checksum: digest.contentChecksum)
        if request.header("if-none-match") == nil && request.header("if-match") == nil {
            try object.commit(mark)
        } else {
            var taken: IncomingObject? = consume object
            try Self.conditional.withLock { _ in
                try checkConditions(request, key, bucket)
                try taken.take()?.commit(mark)
            }
        }
        return .empty(200, written(mark))
    }

    /// The headers that tell of a content that was written.
    func written(_ mark: ContentMark) -> [(name: String, value: String)] {
        var headers = [("ETag", mark.entityTag.quotedTag)]
        if let checksum = mark.checksum {
            headers += [(checksum.header, checksum.value), ("x-amz-checksum-type", checksum.type)]
        }
        return headers
    }

    /// A key that an object may have: it stays in the bucket and is not one that the bucket passes over.
    func checkWritable(_ key: String) throws {
        try Bucket.validateKey(key)
        guard !key.hasSuffix("/") else {
            throw WireError.invalidArgument(
                "The key \"\(key)\" names a folder; folders are made with the objects in them"
            )
        }
        guard !ObjectName.isIgnored(inKey: key) else {
            throw WireError.invalidArgument("The key \"\(key)\" names a hidden or temporary file; use another")
        }
    }

    /// `If-None-Match: *` writes only what is not there, `If-Match` only over a known content.
    private func checkConditions(_ request: S3Request, _ key: String, _ bucket: Bucket) throws {
        let (none, match) = (request.header("if-none-match"), request.header("if-match"))
        guard none != nil || match != nil else { return }
        let existing = try bucket.object(key) == nil ? nil : bucket.describe(key)
        if let none {
            guard none == "*" else { throw WireError.notImplemented("If-None-Match with a tag for a write") }
            if existing != nil { throw WireError.preconditionFailed }
        }
        if let match {
            guard let existing else { throw WireError("NoSuchKey", "The specified key does not exist.") }
            guard existing.matches(match) else { throw WireError.preconditionFailed }
        }
    }

    // MARK: Copying

    /// `CopyObject`.
    func copy(_ request: S3Request, _ key: String, _ bucket: Bucket) async throws -> S3Answer {
        try checkWritable(key)
        let (original, name) = try source(of: request)
        let isReplaced = request.header("x-amz-metadata-directive")?.uppercased() == "REPLACE"
        guard isReplaced || name != (bucket.name, key) else {
            throw WireError.invalidRequest(
                "This copy request is illegal because it is trying to copy an object to itself without changing the "
                    + "object's metadata, storage class, website redirect location or encryption attributes."
            )
        }
        let description = try original.describe()
        let algorithm =
            request.header("x-amz-checksum-algorithm").flatMap(ChecksumAlgorithm.init)
            ?? description.checksum.flatMap { ChecksumAlgorithm(rawValue: $0.algorithm) }
        var copy = try bucket.begin(key, attributes: isReplaced ? request.attributes : description.attributes)
        let digest = try await Self.read(original, 0..<description.object.size, algorithm) { try copy.write($0) }
        let mark = ContentMark(entityTag: digest.md5, checksum: digest.contentChecksum)
        try copy.commit(mark)
        let modifiedAt = try bucket.object(key)?.modifiedAt ?? now()
        var nodes = [XMLNode("LastModified", modifiedAt.s3Text), XMLNode("ETag", mark.entityTag.quotedTag)]
        if let checksum = mark.checksum { nodes += [checksum.node, XMLNode("ChecksumType", checksum.type)] }
        return .document("CopyObjectResult", nodes)
    }

    /// What a copy is made of, its conditions checked.
    func source(of request: S3Request) throws -> (ObjectReader, (bucket: String, key: String)) {
        let text = request.header("x-amz-copy-source") ?? ""
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count < 2 || parts[1] == "versionId=null" else {
            throw WireError.notImplemented("Copying a version of an object")
        }
        let decoded = String(decoding: PercentEncoding.decode(parts.first ?? ""), as: UTF8.self)
        let names = decoded.drop { $0 == "/" }.split(separator: "/", maxSplits: 1).map(String.init)
        guard names.count == 2 else {
            throw WireError.invalidArgument(
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
            )
        }
        let reader = try reader(of: names[1], in: buckets.bucket(named: names[0]))
        try checkConditions(request, reader.describe(), mark: "x-amz-copy-source-")
        return (reader, (names[0], names[1]))
    }

    /// Reads a part of an object, and finds out what a payload would have told.
    static func read(
        _ reader: ObjectReader,
        _ bounds: Range<Int>,
        _ algorithm: ChecksumAlgorithm?,
        _ take: ([UInt8]) throws -> Void
    ) async throws -> PayloadDigest {
        let pieceSize = 1 << 20
        var (md5, checksum) = (MD5(), algorithm.map(Checksum.init))
        var digest = PayloadDigest()
        while digest.size < bounds.count {
            let piece = try reader.read(
                from: bounds.lowerBound + digest.size,
                count: min(pieceSize, bounds.count - digest.size)
            )
            guard !piece.isEmpty else { throw WireError("OperationAborted", "The object became shorter meanwhile.") }
            md5.update(piece)
            checksum?.update(piece)
            digest.size += piece.count
            try take(piece)
            // A large object takes seconds, and others wait for this thread.
            await Task.yield()
        }
        digest.md5 = Hexadecimal.text(of: md5.bytes)
        digest.checksum = checksum.map { ($0.algorithm, $0.bytes) }
        return digest
    }

    // MARK: Deleting

    /// `DeleteObject`.
    func delete(_ key: String, in bucket: Bucket) throws -> S3Answer {
        try remove(key, in: bucket)
        return .empty(204)
    }

    /// What cannot be an object is not there, and it is no fault to delete what is not there.
    private func remove(_ key: String, in bucket: Bucket) throws {
        try Bucket.validateKey(key)
        guard !key.hasSuffix("/"), !ObjectName.isIgnored(inKey: key) else { return }
        try bucket.deleteWithFolders(key)
    }

    /// `DeleteObjects`: up to a thousand, each with its own outcome.
    func deleteObjects(_ payload: S3Payload, _ bucket: Bucket) async throws -> S3Answer {
        let body = try await payload.collect(upTo: 4 << 20)
        guard let root = try? XMLReader.root(of: body), root.name == "Delete" else { throw WireError.malformedXML }
        let keys = root.all("Object").map { $0["Key"]?.text ?? "" }
        guard (1...1000).contains(keys.count), !keys.contains("") else { throw WireError.malformedXML }
        let isQuiet = root["Quiet"]?.text == "true"
        var nodes: [XMLNode] = []
        for key in keys {
            do {
                try remove(key, in: bucket)
                if !isQuiet { nodes.append(XMLNode("Deleted", [XMLNode("Key", key)])) }
            } catch let error as BucketError {
                let error = WireError(error)
                nodes.append(
                    XMLNode(
                        "Error",
                        [XMLNode("Key", key), XMLNode("Code", error.code), XMLNode("Message", error.message)]
                    )
                )
            }
        }
        return .document("DeleteResult", nodes)
    }
}
