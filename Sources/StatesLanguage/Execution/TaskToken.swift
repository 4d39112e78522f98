internal import Crypto
public import FoundationEssentials

/// The text by which whoever has it may end a task, and nobody else can.
///
/// It holds the task's name and a seal on it, made with a secret key (HMAC-SHA256): the same task has the same token
/// however often it is asked for, also after a restart, and without the key no token can be made. Whether a text was
/// ever a token is told without looking anything up.
public struct TaskToken: Sendable {
    /// The token as it is handed out: printable, opaque.
    public let text: String

    private static let version: UInt8 = 1
    private static let sealLength = 32

    /// The token of a task.
    ///
    /// - Parameters:
    ///   - task: The task's id, unique in its execution.
    ///   - execution: The execution's ARN.
    ///   - startTime: When the execution was started, since its name may come again.
    ///   - key: The secret.
    public init(task: Int, of execution: String, startedAt startTime: Date, key: [UInt8]) {
        let milliseconds = Int64((startTime.timeIntervalSince1970 * 1000).rounded())
        let name = Array("\(task) \(milliseconds) \(execution)".utf8)
        let token = [Self.version] + Self.seal(name, key) + name
        text = Data(token).base64EncodedString()
    }

    /// Whether a text is a token that was made with the key, be its task open or not.
    ///
    /// - Parameters:
    ///   - text: What somebody says is a token.
    ///   - key: The secret.
    /// - Returns: Whether it is one.
    public static func isGenuine(_ text: String, key: [UInt8]) -> Bool {
        guard let token = Data(base64Encoded: text), token.first == version, token.count > 1 + sealLength else {
            return false
        }
        let seal = token.dropFirst().prefix(sealLength)
        let name = token.dropFirst(1 + sealLength)
        return HMAC<SHA256>
            .isValidAuthenticationCode(seal, authenticating: name, using: SymmetricKey(data: key))
    }

    private static func seal(_ name: [UInt8], _ key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: name, using: SymmetricKey(data: key)))
    }
}
