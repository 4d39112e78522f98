internal import Bucket
internal import FoundationEssentials
internal import Integrity

/// Uploads in parts.
extension S3Service {
    private static let partNumbers = 1...10_000
    /// The least size of every part but the last.
    private static let minimumPartSize = 5 << 20

    /// `CreateMultipartUpload`.
    func createUpload(_ request: S3Request, _ key: String, _ bucket: Bucket) throws -> S3Answer {
        try checkWritable(key)
        var algorithm: ChecksumAlgorithm?
        if let name = request.header("x-amz-checksum-algorithm") {
            algorithm = ChecksumAlgorithm(rawValue: name.uppercased())
            guard algorithm != nil else {
                throw WireError.invalidRequest("Checksum algorithm provided is unsupported: \"\(name)\".")
            }
        }
        let type = request.header("x-amz-checksum-type")?.uppercased()
        let isOfWhole = type == "FULL_OBJECT" || type == nil && algorithm == .crc64nvme
        if isOfWhole, algorithm?.isCryptographic == true {
            throw WireError.invalidRequest(
                "The FULL_OBJECT checksum type cannot be used with \(algorithm?.rawValue ?? "")."
            )
        }
        let upload = MultipartUpload(
            id: makeID(),
            key: key,
            initiatedSeconds: Int(now().timeIntervalSince1970),
            attributes: request.attributes,
            algorithm: algorithm?.rawValue,
            isChecksumOfWhole: isOfWhole
        )
        try bucket.create(upload)
        var answer = S3Answer.document(
            "InitiateMultipartUploadResult",
            [XMLNode("Bucket", bucket.name), XMLNode("Key", key), XMLNode("UploadId", upload.id)]
        )
        if let algorithm {
            answer.headers = [
                ("x-amz-checksum-algorithm", algorithm.rawValue),
                ("x-amz-checksum-type", isOfWhole ? "FULL_OBJECT" : "COMPOSITE"),
            ]
        }
        return answer
    }

    /// `UploadPart`.
    func putPart(
        _ payload: S3Payload,
        _ request: S3Request,
        _ upload: MultipartUpload,
        _ bucket: Bucket
    ) async throws -> S3Answer {
        var part = try bucket.beginPart(number(request), of: upload)
        let digest = try await payload.read { try part.write($0) }
        try part.commit(entityTag: digest.md5, checksum: checksum(digest, of: upload))
        return .empty(200, written(ContentMark(entityTag: digest.md5, checksum: digest.contentChecksum)))
    }

    /// `UploadPartCopy`.
    func copyPart(_ request: S3Request, _ upload: MultipartUpload, _ bucket: Bucket) async throws -> S3Answer {
        let (reader, _) = try source(of: request)
        var part = try bucket.beginPart(number(request), of: upload)
        var bounds = 0..<reader.object.size
        if let text = request.header("x-amz-copy-source-range") {
            guard let range = try ByteRange(parsing: text, size: reader.object.size) else {
                throw WireError.invalidArgument(
                    "The x-amz-copy-source-range value must be of the form bytes=first-last"
                )
            }
            bounds = range.bounds
        }
        let algorithm = upload.algorithm.flatMap(ChecksumAlgorithm.init)
        let digest = try await Self.read(reader, bounds, algorithm) { try part.write($0) }
        try part.commit(entityTag: digest.md5, checksum: checksum(digest, of: upload))
        var nodes = [XMLNode("LastModified", now().s3Text), XMLNode("ETag", digest.md5.quotedTag)]
        if let checksum = digest.contentChecksum { nodes.append(checksum.node) }
        return .document("CopyPartResult", nodes)
    }

    private func number(_ request: S3Request) throws(WireError) -> Int {
        guard let number = try request.number("partNumber", in: Self.partNumbers) else {
            throw .invalidArgument("partNumber is missing; it is from 1 to 10000")
        }
        return number
    }

    /// The checksum that is kept with a part: that of the upload's algorithm.
    private func checksum(_ digest: PayloadDigest, of upload: MultipartUpload) -> String {
        guard let (algorithm, bytes) = digest.checksum, algorithm.rawValue == upload.algorithm else { return "" }
        return Hexadecimal.text(of: bytes)
    }

    // MARK: Listing

    /// `ListParts`.
    func listParts(_ request: S3Request, _ upload: MultipartUpload, _ bucket: Bucket) throws -> S3Answer {
        let limit = min(try request.number("max-parts", in: 0...Int(Int32.max)) ?? 1000, 1000)
        let marker = try request.number("part-number-marker", in: 0...Int(Int32.max)) ?? 0
        let later = try bucket.parts(of: upload).filter { $0.number > marker }
        let page = later.prefix(limit)
        var nodes = [
            XMLNode("Bucket", bucket.name), XMLNode("Key", upload.key), XMLNode("UploadId", upload.id), owner,
            XMLNode("StorageClass", "STANDARD"), XMLNode("PartNumberMarker", "\(marker)"),
            XMLNode("MaxParts", "\(limit)"), XMLNode("IsTruncated", page.count < later.count ? "true" : "false"),
        ]
        if let last = page.last { nodes.append(XMLNode("NextPartNumberMarker", "\(last.number)")) }
        if let algorithm = upload.algorithm {
            nodes.append(XMLNode("ChecksumAlgorithm", algorithm))
            nodes.append(XMLNode("ChecksumType", upload.isChecksumOfWhole ? "FULL_OBJECT" : "COMPOSITE"))
        }
        nodes += page.map { part in
            var nodes = [
                XMLNode("PartNumber", "\(part.number)"),
                XMLNode("LastModified", Date(nanoseconds: part.modifiedNanoseconds).s3Text),
                XMLNode("ETag", part.entityTag.quotedTag), XMLNode("Size", "\(part.size)"),
            ]
            if let algorithm = upload.algorithm, let bytes = Hexadecimal.bytes(of: part.checksum), !bytes.isEmpty {
                nodes.append(XMLNode("Checksum\(algorithm)", Base64.encode(bytes)))
            }
            return XMLNode("Part", nodes)
        }
        return .document("ListPartsResult", nodes)
    }

    /// `ListMultipartUploads`.
    func listUploads(_ request: S3Request, _ bucket: Bucket) throws -> S3Answer {
        let limit = min(try request.number("max-uploads", in: 1...Int(Int32.max)) ?? 1000, 1000)
        let prefix = request["prefix"] ?? ""
        let (keyMarker, idMarker) = (request["key-marker"] ?? "", request["upload-id-marker"] ?? "")
        let later = try bucket.uploads().filter { upload in
            guard upload.key.hasPrefix(prefix) else { return false }
            guard upload.key == keyMarker, !idMarker.isEmpty else { return keyMarker.isEmpty || upload.key > keyMarker }
            return upload.id > idMarker
        }
        let page = later.prefix(limit)
        let encode = try encoder(request)
        var nodes = [
            XMLNode("Bucket", bucket.name), XMLNode("KeyMarker", encode(keyMarker)),
            XMLNode("UploadIdMarker", idMarker), XMLNode("Prefix", encode(prefix)),
            XMLNode("MaxUploads", "\(limit)"), XMLNode("IsTruncated", page.count < later.count ? "true" : "false"),
        ]
        if page.count < later.count, let last = page.last {
            nodes += [XMLNode("NextKeyMarker", encode(last.key)), XMLNode("NextUploadIdMarker", last.id)]
        }
        nodes += page.map { upload in
            let date = Date(timeIntervalSince1970: Double(upload.initiatedSeconds))
            return XMLNode(
                "Upload",
                [
                    XMLNode("Key", encode(upload.key)), XMLNode("UploadId", upload.id), owner,
                    XMLNode("StorageClass", "STANDARD"), XMLNode("Initiated", date.s3Text),
                ]
            )
        }
        return .document("ListMultipartUploadsResult", nodes)
    }

    // MARK: Completing

    /// `CompleteMultipartUpload`; one that was completed is completed once more with the same answer, since a client
    /// that lost the first answer asks again.
    func completeUpload(
        _ payload: S3Payload,
        _ request: S3Request,
        _ id: String,
        _ key: String,
        _ bucket: Bucket
    ) async throws -> S3Answer {
        let body = try await payload.collect(upTo: 4 << 20)
        if let done = try? bucket.describe(key), done.uploadID == id {
            if let left = try? bucket.upload(id, for: key) { try bucket.abort(left) }
            return completed(ContentMark(entityTag: done.entityTag, checksum: done.checksum), key, bucket)
        }
        let upload = try bucket.upload(id, for: key)
        let parts = try chosenParts(body, of: upload, in: bucket)
        let mark = try ContentMark(
            entityTag: Self.entityTag(of: parts),
            checksum: Self.checksum(of: parts, upload),
            uploadID: id
        )
        if let checksum = mark.checksum, let sent = request.header(checksum.header), sent != checksum.value,
            sent != checksum.value.prefix(while: { $0 != "-" })
        {
            throw WireError(
                "BadDigest",
                "The \(checksum.algorithm) you specified did not match the calculated checksum."
            )
        }
        try await bucket.complete(upload, with: parts, mark: mark)
        return completed(mark, key, bucket)
    }

    private func completed(_ mark: ContentMark, _ key: String, _ bucket: Bucket) -> S3Answer {
        var nodes = [
            XMLNode("Location", "/\(bucket.name)/\(PercentEncoding.encode(key, keepsSlash: true))"),
            XMLNode("Bucket", bucket.name), XMLNode("Key", key), XMLNode("ETag", mark.entityTag.quotedTag),
        ]
        if let checksum = mark.checksum { nodes += [checksum.node, XMLNode("ChecksumType", checksum.type)] }
        return .document("CompleteMultipartUploadResult", nodes)
    }

    /// The parts that the request names, each of which must be there as it was sent.
    private func chosenParts(
        _ body: [UInt8],
        of upload: MultipartUpload,
        in bucket: Bucket
    ) throws -> [UploadPart] {
        guard let root = try? XMLReader.root(of: body), root.name == "CompleteMultipartUpload",
            !root.all("Part").isEmpty
        else { throw WireError.malformedXML }
        let known = Dictionary(uniqueKeysWithValues: try bucket.parts(of: upload).map { ($0.number, $0) })
        var parts: [UploadPart] = []
        for node in root.all("Part") {
            guard let number = node["PartNumber"].flatMap({ Int($0.text) }), let tag = node["ETag"]?.text else {
                throw WireError.malformedXML
            }
            guard number > parts.last?.number ?? 0 else {
                throw WireError(
                    "InvalidPartOrder",
                    "The list of parts was not in ascending order. Parts must be ordered by part number."
                )
            }
            guard let part = known[number], part.entityTag == tag.bareTag else {
                throw WireError(
                    "InvalidPart",
                    "Part \(number) could not be found: it may not have been uploaded, or its entity tag is another."
                )
            }
            parts.append(part)
        }
        if let small = parts.dropLast().first(where: { $0.size < Self.minimumPartSize }) {
            throw WireError(
                "EntityTooSmall",
                "Part \(small.number) has \(small.size) bytes; all but the last must have \(Self.minimumPartSize)."
            )
        }
        return parts
    }

    /// The MD5 of the parts' MD5s, with their number.
    private static func entityTag(of parts: [UploadPart]) -> String {
        var md5 = MD5()
        for part in parts { md5.update(Hexadecimal.bytes(of: part.entityTag) ?? []) }
        return "\(Hexadecimal.text(of: md5.bytes))-\(parts.count)"
    }

    /// The checksum of the parts' checksums, with their number, or for those that can be put together that of the
    /// whole.
    private static func checksum(of parts: [UploadPart], _ upload: MultipartUpload) throws -> ContentChecksum? {
        guard let algorithm = upload.algorithm.flatMap(ChecksumAlgorithm.init) else { return nil }
        let sums = parts.compactMap { Hexadecimal.bytes(of: $0.checksum) }.filter { $0.count == algorithm.byteCount }
        guard sums.count == parts.count else { return nil }
        guard upload.isChecksumOfWhole else {
            var checksum = Checksum(algorithm)
            for sum in sums { checksum.update(sum) }
            let value = "\(checksum.text)-\(parts.count)"
            return ContentChecksum(algorithm: algorithm.rawValue, value: value, isOfWhole: false)
        }
        var combined = sums[0]
        for (sum, part) in zip(sums, parts).dropFirst() {
            combined = ChecksumCombination.combine(combined, sum, count: part.size, algorithm)
        }
        return ContentChecksum(algorithm: algorithm.rawValue, value: Base64.encode(combined))
    }
}
