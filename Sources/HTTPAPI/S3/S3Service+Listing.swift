internal import Bucket
internal import FoundationEssentials
internal import Integrity

extension S3Service {
    /// `ListObjectsV2`, and `ListObjects` where `list-type` is not 2.
    func list(_ request: S3Request, _ bucket: Bucket) throws -> S3Answer {
        let isSecond = request["list-type"] == "2"
        let limit = min(try request.number("max-keys", in: 0...Int(Int32.max)) ?? 1000, 1000)
        let token = request["continuation-token"]
        let start = isSecond ? try token.map(ListingQuery.name) ?? request["start-after"] : request["marker"]
        let query = ListingQuery(
            prefix: request["prefix"] ?? "",
            delimiter: request["delimiter"],
            limit: limit,
            start: start.flatMap { $0.isEmpty ? nil : $0 }
        )
        let page = try query.page(of: bucket)
        let encode = try encoder(request)
        var nodes = [XMLNode("Name", bucket.name), XMLNode("Prefix", encode(query.prefix))]
        nodes += isSecond ? second(request, page, encode) : first(request, query, page, encode)
        nodes.append(XMLNode("MaxKeys", "\(limit)"))
        if let delimiter = query.delimiter { nodes.append(XMLNode("Delimiter", encode(delimiter))) }
        if let type = request["encoding-type"] { nodes.append(XMLNode("EncodingType", type)) }
        nodes.append(XMLNode("IsTruncated", page.next == nil ? "false" : "true"))
        let isOwned = !isSecond || request["fetch-owner"] == "true"
        for entry in page.entries {
            if let object = entry.object {
                nodes.append(content(object, in: bucket, isOwned: isOwned, encode))
            } else {
                nodes.append(XMLNode("CommonPrefixes", [XMLNode("Prefix", encode(entry.name))]))
            }
        }
        return .document("ListBucketResult", nodes)
    }

    private func second(_ request: S3Request, _ page: ListingQuery.Page, _ encode: (String) -> String) -> [XMLNode] {
        var nodes = [XMLNode("KeyCount", "\(page.entries.count)")]
        if let token = request["continuation-token"] { nodes.append(XMLNode("ContinuationToken", token)) }
        if let next = page.next { nodes.append(XMLNode("NextContinuationToken", ListingQuery.token(after: next))) }
        if let start = request["start-after"] { nodes.append(XMLNode("StartAfter", encode(start))) }
        return nodes
    }

    private func first(
        _ request: S3Request,
        _ query: ListingQuery,
        _ page: ListingQuery.Page,
        _ encode: (String) -> String
    ) -> [XMLNode] {
        var nodes = [XMLNode("Marker", encode(request["marker"] ?? ""))]
        // Without a delimiter a client takes the last key.
        if let next = page.next, query.delimiter != nil { nodes.append(XMLNode("NextMarker", encode(next))) }
        return nodes
    }

    private func content(
        _ object: BucketObject,
        in bucket: Bucket,
        isOwned: Bool,
        _ encode: (String) -> String
    ) -> XMLNode {
        // One that was deleted meanwhile is told as it was.
        let description = try? bucket.describe(object.key)
        var nodes = [XMLNode("Key", encode(object.key)), XMLNode("LastModified", object.modifiedAt.s3Text)]
        if let description { nodes.append(XMLNode("ETag", description.entityTag.quotedTag)) }
        if let checksum = description?.checksum {
            nodes.append(XMLNode("ChecksumAlgorithm", checksum.algorithm))
            nodes.append(XMLNode("ChecksumType", checksum.type))
        }
        nodes += [XMLNode("Size", "\(object.size)"), XMLNode("StorageClass", "STANDARD")]
        if isOwned { nodes.append(owner) }
        return XMLNode("Contents", nodes)
    }

    /// How names are written in an answer: `encoding-type=url` keeps what XML cannot hold.
    func encoder(_ request: S3Request) throws(WireError) -> @Sendable (String) -> String {
        switch request["encoding-type"] {
        case nil: return { $0 }
        case "url": return { PercentEncoding.encode($0, keepsSlash: true) }
        case let type?: throw .invalidArgument("Invalid Encoding Method specified in Request: \"\(type)\"")
        }
    }
}

extension ContentChecksum {
    /// Of what it is, in S3's words.
    var type: String { isOfWhole ? "FULL_OBJECT" : "COMPOSITE" }

    /// The header that carries it.
    var header: String { "x-amz-checksum-\(algorithm.lowercased())" }

    /// The element that carries it.
    var node: XMLNode { XMLNode("Checksum\(algorithm)", value) }
}
