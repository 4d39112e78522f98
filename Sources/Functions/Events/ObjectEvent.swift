internal import JSON
internal import Logging
internal import Synchronization
public import struct FoundationEssentials.Date

/// An object that was put into a bucket.
public struct ObjectEvent: Sendable {
    /// The bucket's name.
    public let bucket: String
    /// The object's key.
    public let key: String
    /// Its bytes.
    public let size: Int
    /// What tells its content from another.
    public let entityTag: String
    /// When it was noticed.
    public let date: Date
    /// When the object was last written.
    public let writtenAt: Date
    /// The same for every hand-over of this very event.
    public let id: String

    /// An event of all its parts.
    public init(
        bucket: String,
        key: String,
        size: Int,
        entityTag: String,
        date: Date,
        writtenAt: Date,
        id: String
    ) {
        self.bucket = bucket
        self.key = key
        self.size = size
        self.entityTag = entityTag
        self.date = date
        self.writtenAt = writtenAt
        self.id = id
    }

    /// The event as S3 tells a function of it.
    func json(region: String, account: String, configurationID: String) -> JSON {
        let object: JSON = [
            "key": .string(Self.encoded(key)), "size": .init(size), "eTag": .string(entityTag),
            "sequencer": .string(Self.sequencer(id)),
        ]
        let bucketJSON: JSON = [
            "name": .string(bucket), "ownerIdentity": ["principalId": .string(account)],
            "arn": .string("arn:aws:s3:::\(bucket)"),
        ]
        let record: JSON = [
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": .string(region),
            "eventTime": .string(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
            "eventName": "ObjectCreated:Put", "userIdentity": ["principalId": .string(account)],
            "requestParameters": ["sourceIPAddress": "127.0.0.1"],
            "responseElements": ["x-amz-request-id": .string(id), "x-amz-id-2": .string(id)],
            "s3": [
                "s3SchemaVersion": "1.0", "configurationId": .string(configurationID), "bucket": bucketJSON,
                "object": object,
            ],
        ]
        return ["Records": [record]]
    }

    /// The key as it stands in an event: as a form has it, with `+` for a space.
    private static func encoded(_ key: String) -> String {
        key.utf8.map { byte in
            let isPlain = FunctionName.isNameByte(byte) || "./*".utf8.contains(byte)
            if isPlain { return String(UnicodeScalar(byte)) }
            if byte == UInt8(ascii: " ") { return "+" }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    /// Sixteen digits that grow with the events of a key.
    private static func sequencer(_ id: String) -> String {
        let digits = String(UInt64(id.filter(\.isNumber)) ?? 0, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 16 - digits.count)) + digits
    }
}

extension FunctionService {
    /// Whether a function is started by an object.
    public func isNotified(ofBucket bucket: String, key: String) -> Bool {
        lookAtFoldersIfDue()
        return state.withLock { !$0.targets(bucket, key).isEmpty }
    }

    /// Has the functions invoked that are started by an object; durable when this returns, and safe to call again.
    ///
    /// - Parameter event: The object.
    /// - Returns: How many functions there are.
    /// - Throws: The store's own error.
    @discardableResult
    public func notify(_ event: ObjectEvent) async throws -> Int {
        let targets = state.withLock { $0.targets(event.bucket, event.key) }
        for target in targets where target.since <= event.writtenAt.timeIntervalSince1970 {
            let json = event.json(
                region: configuration.region,
                account: configuration.account,
                configurationID: target.id
            )
            do {
                let name = try FunctionName(target.function)
                try await sendEvent(name, payload: json.utf8, key: "s3 \(event.id) \(target.id) \(target.function)")
            } catch let error as FunctionError where error.code == .resourceNotFound {
                logger.error(
                    "a bucket notifies a function that does not exist",
                    metadata: ["bucket.name": "\(event.bucket)", "function.name": "\(target.function)"]
                )
            }
        }
        return targets.count
    }

    /// Says who is started by the objects of a bucket, beside what `function.json` files say.
    ///
    /// - Parameters:
    ///   - notifications: All of them; those of before are replaced.
    ///   - bucket: The bucket's name.
    /// - Throws: `FunctionError` with `resourceNotFound` for a function that does not exist; the store's own error.
    public func setNotifications(_ notifications: [BucketNotification], of bucket: String) async throws {
        for notification in notifications { _ = try function(notification.function) }
        try await store.setBucketNotifications(notifications, of: bucket)
        state.withLock { state in
            state.notifications.removeAll { $0.filter.bucket == bucket }
            state.notifications += notifications
        }
    }

    /// Who is started by the objects of a bucket, beside what `function.json` files say.
    public func notifications(of bucket: String) -> [BucketNotification] {
        state.withLock { $0.notifications.filter { $0.filter.bucket == bucket } }
    }
}

extension Catalog {
    fileprivate func targets(_ bucket: String, _ key: String) -> [BucketNotification] {
        let set = notifications.filter { $0.filter.matches(bucket: bucket, key: key) }
        let own = functions.values.sorted { $0.configuration.name < $1.configuration.name }.flatMap { function in
            function.events.enumerated().filter { $0.element.matches(bucket: bucket, key: key) }.map { index, filter in
                BucketNotification(
                    id: "\(function.configuration.name)-\(index)",
                    function: function.configuration.name,
                    filter: filter,
                    since: 0
                )
            }
        }
        return set + own
    }
}
