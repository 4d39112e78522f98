internal import Bucket
internal import FoundationEssentials
internal import Functions

/// Which functions are told of a bucket's objects, as `PutBucketNotificationConfiguration` says it.
extension S3Service {
    func notifications(_ bucket: Bucket) -> S3Answer {
        let configurations = (functions?.notifications(of: bucket.name) ?? []).map { notification in
            let rules = [("prefix", notification.filter.prefix), ("suffix", notification.filter.suffix)]
                .filter { !$0.1.isEmpty }
                .map { XMLNode("FilterRule", [XMLNode("Name", $0.0), XMLNode("Value", $0.1)]) }
            return XMLNode(
                "CloudFunctionConfiguration",
                [
                    XMLNode("Id", notification.id), XMLNode("CloudFunction", functionARN(notification.function)),
                    XMLNode("Event", "s3:ObjectCreated:*"), XMLNode("Filter", [XMLNode("S3Key", rules)]),
                ]
            )
        }
        return .document("NotificationConfiguration", configurations)
    }

    func putNotifications(_ payload: S3Payload, _ bucket: Bucket) async throws -> S3Answer {
        guard let functions else { throw WireError.notImplemented("PUT of a bucket's notification") }
        guard let root = try? await XMLReader.root(of: payload.collect(upTo: 1 << 20)) else {
            throw WireError.malformedXML
        }
        let notifications = try root.children.enumerated().compactMap { index, node in
            try notification(node, "\(index + 1)", bucket)
        }
        do {
            try await functions.setNotifications(notifications, of: bucket.name)
        } catch let error as FunctionError {
            throw WireError(
                "InvalidArgument",
                "Unable to validate the following destination configurations: \(error.message)"
            )
        }
        return .empty()
    }

    /// What one element says; nil for what asks for EventBridge, which hears of everything anyway.
    private func notification(_ node: XMLNode, _ id: String, _ bucket: Bucket) throws -> BucketNotification? {
        guard node.name != "EventBridgeConfiguration" else { return nil }
        guard node.name == "CloudFunctionConfiguration" else {
            throw WireError.notImplemented(
                "a \(node.name); functions are notified, as CloudFunctionConfiguration says,"
            )
        }
        for event in node.all("Event") where !event.text.hasPrefix("s3:ObjectCreated:") {
            throw WireError(
                "InvalidArgument",
                "The event \"\(event.text)\" is not supported for notifications; functions are told of s3:ObjectCreated:*"
            )
        }
        var filter = (prefix: "", suffix: "")
        for rule in node["Filter"]?["S3Key"]?.all("FilterRule") ?? [] {
            switch rule["Name"]?.text.lowercased() {
            case "prefix": filter.prefix = rule["Value"]?.text ?? ""
            case "suffix": filter.suffix = rule["Value"]?.text ?? ""
            default: throw WireError("InvalidArgument", "filter rule name must be either prefix or suffix")
            }
        }
        do {
            return BucketNotification(
                id: node["Id"]?.text ?? id,
                function: try FunctionName(node["CloudFunction"]?.text ?? "").name,
                filter: ObjectFilter(bucket: bucket.name, prefix: filter.prefix, suffix: filter.suffix),
                since: now().timeIntervalSince1970
            )
        } catch {
            throw WireError("InvalidArgument", "The ARN is not well formed: \(error.message)")
        }
    }

    private func functionARN(_ name: String) -> String { "arn:aws:lambda:\(region):\(account):function:\(name)" }
}
