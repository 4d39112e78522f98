internal import Foundation

/// Where a subscription's messages go.
public enum Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// A JSON POST to an `http` or `https` URL.
    case webhook(String)
    /// A mail to an address, put into the mail spool of this machine's Millrace.
    case maildir(String)
    /// A mail to an address, handed to this machine's `sendmail`.
    case sendmail(String)

    /// The kinds of endpoints, as they are stored.
    public enum Kind: String, Sendable, CaseIterable {
        case webhook, maildir, sendmail
    }

    /// An endpoint of a kind.
    ///
    /// - Parameters:
    ///   - kind: The kind.
    ///   - destination: The URL or the address.
    /// - Throws: `NotificationError` with `invalidParameter`.
    public init(_ kind: Kind, _ destination: String) throws(NotificationError) {
        switch kind {
        case .webhook: self = .webhook(destination)
        case .maildir: self = .maildir(destination)
        case .sendmail: self = .sendmail(destination)
        }
        try validate()
    }

    /// The kind.
    public var kind: Kind {
        switch self {
        case .webhook: .webhook
        case .maildir: .maildir
        case .sendmail: .sendmail
        }
    }

    /// The URL or the address.
    public var destination: String {
        switch self {
        case .webhook(let text), .maildir(let text), .sendmail(let text): text
        }
    }

    /// The kind and the destination, as people read them; a URL without its password and query.
    public var description: String {
        guard case .webhook(let text) = self else { return "\(kind.rawValue) \(destination)" }
        guard var parts = URLComponents(string: text) else { return "webhook" }
        parts.user = nil
        parts.password = nil
        parts.query = nil
        return "webhook \(parts.string ?? "")"
    }

    /// Checks the URL or the address.
    ///
    /// - Throws: `NotificationError` with `invalidParameter`, saying what is wrong.
    public func validate() throws(NotificationError) {
        switch self {
        case .webhook(let text): try Self.validateURL(text)
        case .maildir(let text), .sendmail(let text): try MailAddress.validate(text)
        }
    }

    private static func validateURL(_ text: String) throws(NotificationError) {
        func refuse(_ fact: String) -> NotificationError {
            NotificationError(.invalidParameter, "webhook \"\(text)\" \(fact)")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw refuse("must be a URL without spaces, control or non-ASCII characters; percent-encode them")
        }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(), !scheme.isEmpty else {
            throw refuse("is not a URL; write it as \"https://host/path\"")
        }
        guard scheme == "http" || scheme == "https" else {
            throw refuse("must start with \"http://\" or \"https://\"")
        }
        guard let host = parts.host, !host.isEmpty else { throw refuse("names no host") }
        guard parts.port.map({ (1...65535).contains($0) }) ?? true else {
            throw refuse("has a port outside 1 to 65535")
        }
    }
}
