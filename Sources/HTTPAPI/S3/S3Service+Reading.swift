internal import Bucket
internal import FoundationEssentials

extension S3Service {
    /// `GetObject` and `HeadObject`.
    func get(_ request: S3Request, _ key: String, in bucket: Bucket) throws -> S3Answer {
        guard request["partNumber"] == nil else { throw WireError.notImplemented("Reading one part of an object") }
        guard request["versionId"].map({ $0 == "null" || $0.isEmpty }) ?? true else {
            throw WireError.invalidArgument("Invalid version id specified: versions are not kept")
        }
        let reader = try reader(of: key, in: bucket)
        let description = try reader.describe()
        try checkConditions(request, description)
        let size = description.object.size
        let range = try request.header("range").flatMap { text throws(BucketError) in
            try ByteRange(parsing: text, size: size)
        }
        let bounds = range?.bounds ?? 0..<size
        var answer = S3Answer(status: range == nil ? 200 : 206)
        answer.headers = headers(of: description)
        if let range { answer.headers.append(("Content-Range", range.header)) }
        // The checksum is of the whole.
        if range == nil, request.header("x-amz-checksum-mode")?.uppercased() == "ENABLED",
            let checksum = description.checksum
        {
            answer.headers += [(checksum.header, checksum.value), ("x-amz-checksum-type", checksum.type)]
        }
        answer.contentType = contentType(of: description)
        override(&answer, request)
        if request.method == "HEAD" {
            answer.lengthWithoutBody = bounds.count
        } else {
            answer.content = AnswerContent(count: bounds.count) { offset, count in
                try reader.read(from: bounds.lowerBound + offset, count: count)
            }
        }
        return answer
    }

    /// An object's reader; what the bucket passes over in listings is not there for anybody.
    func reader(of key: String, in bucket: Bucket) throws(BucketError) -> ObjectReader {
        try Bucket.validateKey(key)
        guard !ObjectName.isIgnored(inKey: key), !key.hasSuffix("/") else {
            throw BucketError(.noSuchKey, "\(bucket.location(of: key)) does not exist")
        }
        return try bucket.reader(of: key)
    }

    private func headers(of description: ObjectDescription) -> [(name: String, value: String)] {
        var headers = [
            ("ETag", description.entityTag.quotedTag), ("Last-Modified", description.object.modifiedAt.httpText),
            ("Accept-Ranges", "bytes"),
        ]
        let names = Dictionary(uniqueKeysWithValues: ObjectAttributes.headers.map { ($0.name, $0.header) })
        for (name, value) in description.attributes.values.sorted(by: { $0.key < $1.key }) {
            if name.hasPrefix(ObjectAttributes.metadataMark) {
                // A task may have given it a name that is none in HTTP.
                if name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }) {
                    headers.append((name, value))
                }
            } else if let header = names[name], header != "content-type" {
                headers.append((header, value))
            }
        }
        return headers
    }

    private func contentType(of description: ObjectDescription) -> String {
        description.attributes.values["ContentType"] ?? ObjectAttributes.usualType(of: description.object.key)
            ?? "binary/octet-stream"
    }

    /// What a presigned URL wants the answer's headers to be.
    private func override(_ answer: inout S3Answer, _ request: S3Request) {
        if let type = request["response-content-type"] { answer.contentType = type }
        for name in ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"] {
            guard let value = request["response-\(name)"] else { continue }
            answer.headers.removeAll { $0.name.lowercased() == name }
            answer.headers.append((name, value))
        }
    }

    /// The conditions of a reading, in the order that RFC 9110 gives them; the names may begin with something, as in
    /// `x-amz-copy-source-if-match`.
    func checkConditions(
        _ request: S3Request,
        _ description: ObjectDescription,
        mark: String = ""
    ) throws(WireError) {
        let modified = description.object.modifiedAt.timeIntervalSince1970.rounded(.down)
        func date(_ name: String) -> Double? {
            request.header(mark + name).flatMap { Date(httpText: $0) }?.timeIntervalSince1970
        }
        if let tag = request.header("\(mark)if-match") {
            guard description.matches(tag) else { throw .preconditionFailed }
        } else if let date = date("if-unmodified-since"), modified > date {
            throw .preconditionFailed
        }
        // A copy has no "not modified": its conditions hold or do not.
        let unchanged = mark.isEmpty ? WireError.notModified : .preconditionFailed
        if let tag = request.header("\(mark)if-none-match") {
            if description.matches(tag) { throw unchanged }
        } else if let date = date("if-modified-since"), modified <= date {
            throw unchanged
        }
    }
}
