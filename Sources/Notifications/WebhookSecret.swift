internal import Crypto
internal import DurableFiles
internal import FoundationEssentials
internal import Glibc

/// A key that webhooks are signed with, written `whsec_` and Base64, as Standard Webhooks has it.
public struct WebhookSecret: Sendable, Hashable, CustomStringConvertible {
    private static let prefix = "whsec_"
    private let bytes: [UInt8]

    /// A key of known bytes.
    ///
    /// - Parameter bytes: 24 to 64 of them.
    /// - Throws: `NotificationError` with `invalidParameter`.
    public init(bytes: [UInt8]) throws(NotificationError) {
        guard (24...64).contains(bytes.count) else {
            throw NotificationError(.invalidParameter, "webhook secret has \(bytes.count) bytes and must have 24 to 64")
        }
        self.bytes = bytes
    }

    /// Reads `whsec_…`; the text never enters an error.
    ///
    /// - Parameter text: The key; the prefix may be missing.
    /// - Throws: `NotificationError` with `invalidParameter`.
    public init(parsing text: String) throws(NotificationError) {
        let encoded = text.hasPrefix(Self.prefix) ? String(text.dropFirst(Self.prefix.count)) : text
        guard let data = Data(base64Encoded: encoded) else {
            throw NotificationError(.invalidParameter, "webhook secret must be \"whsec_\" and then Base64")
        }
        try self.init(bytes: Array(data))
    }

    /// The key as receivers are told it.
    public var text: String { Self.prefix + Data(bytes).base64EncodedString() }

    /// Not the key, which belongs into no log.
    public var description: String { "WebhookSecret" }

    /// The signature of a message: `v1,` and the Base64 of HMAC-SHA256 over `ID.TIMESTAMP.BODY`.
    ///
    /// - Parameters:
    ///   - id: The header `webhook-id`.
    ///   - timestamp: The header `webhook-timestamp`, in seconds since 1970.
    ///   - body: The body, byte for byte.
    /// - Returns: The header `webhook-signature`.
    public func signature(id: String, timestamp: Int, body: [UInt8]) -> String {
        let content = Array("\(id).\(timestamp).".utf8) + body
        let code = HMAC<SHA256>.authenticationCode(for: content, using: SymmetricKey(data: bytes))
        return "v1,\(Data(code).base64EncodedString())"
    }

    /// The key of a home: read from its file, which only its owner may read, or made at first use.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - randomBytes: Makes so many bytes that nobody can guess.
    /// - Returns: The key.
    /// - Throws: `NotificationError` with `internalError` when the file cannot be read, written or understood.
    public static func load(
        orCreateAt path: String,
        randomBytes: (Int) -> [UInt8]
    ) throws(NotificationError) -> WebhookSecret {
        do {
            if let text = try read(path) { return try WebhookSecret(parsing: text) }
            let secret = try WebhookSecret(bytes: randomBytes(32))
            try write("\(secret.text)\n", to: path)
            return secret
        } catch let error as FileError {
            throw NotificationError(.internalError, "webhook secret: \(error)")
        } catch {
            throw NotificationError(
                .internalError,
                "webhook secret in \"\(path)\": \(error); remove it to have a new one"
            )
        }
    }

    private static func read(_ path: String) throws -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileError("open", path, code: errno)
        }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw FileError("read", path, code: errno) }
        return String(decoding: buffer[..<count].prefix { $0 > 0x20 }, as: UTF8.self)
    }

    private static func write(_ text: String, to path: String) throws(FileError) {
        let temporary = "\(path).new"
        _ = unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("create", path, code: errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
            unsafe rename(temporary, path) == 0
        else { throw FileError("write", path, code: errno) }
        try AtomicFile.syncDirectory(path.lastIndex(of: "/").map { String(path[..<$0]) + "/" } ?? ".")
    }
}
