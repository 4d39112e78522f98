internal import Crypto
internal import FoundationEssentials

/// What a page of a list ends with: where the next begins, for one query only and for a day.
///
/// The text is opaque and sealed: nobody can make one, use it with another query or prolong it.
enum PageToken {
    private static let lifetime: TimeInterval = 24 * 60 * 60
    private static let sealLength = 16

    /// Wraps the store's cursor.
    static func wrap(_ cursor: String, of query: String, key: [UInt8], at now: Date) -> String {
        let content = "\(Int64(now.timeIntervalSince1970 + lifetime)) \(cursor)"
        return Data(seal(content, query, key) + Array(content.utf8)).base64EncodedString()
    }

    /// Finds the store's cursor; throws `InvalidToken` for what is none, of another query, or too old.
    static func unwrap(_ token: String, of query: String, key: [UInt8], at now: Date) throws(ExecutionError) -> String {
        guard let bytes = Data(base64Encoded: token), bytes.count > sealLength else { throw .invalidToken() }
        let content = String(decoding: bytes.dropFirst(sealLength), as: UTF8.self)
        guard Array(bytes.prefix(sealLength)) == seal(content, query, key) else { throw .invalidToken() }
        let parts = content.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let end = Int64(parts[0]), now.timeIntervalSince1970 < Double(end) else {
            throw .invalidToken()
        }
        return String(parts[1])
    }

    private static func seal(_ content: String, _ query: String, _ key: [UInt8]) -> [UInt8] {
        let text = Array("page \(query.utf8.count) \(query) \(content)".utf8)
        return Array(HMAC<SHA256>.authenticationCode(for: text, using: SymmetricKey(data: key)).prefix(sealLength))
    }
}
