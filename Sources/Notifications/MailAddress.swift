/// The addresses mail can be sent to: `local@domain`, ASCII, without quotes and comments.
enum MailAddress {
    private static let forbidden = Set("()<>[]:;,\\\"@ ".utf8)

    static func validate(_ address: String) throws(NotificationError) {
        func refuse(_ fact: String) -> NotificationError {
            NotificationError(.invalidParameter, "mail address \"\(readable(address))\" \(fact)")
        }
        guard !address.isEmpty else { throw refuse("is empty; write it as \"name@example.org\"") }
        guard address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw refuse("must not contain spaces, line breaks or non-ASCII characters")
        }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let local = parts.first, let domain = parts.last, !local.isEmpty, !domain.isEmpty else {
            throw refuse("must be of the form \"name@example.org\"")
        }
        guard address.utf8.count <= 254, local.utf8.count <= 64 else { throw refuse("is too long") }
        guard !(local + domain).utf8.contains(where: forbidden.contains) else {
            throw refuse("must not contain any of ()<>[]:;,\\\"")
        }
        guard !local.hasPrefix("-"), !local.hasPrefix("."), !local.hasSuffix("."), !address.contains("..") else {
            throw refuse("must not start with a hyphen or have empty parts between dots")
        }
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.allSatisfy({ !$0.isEmpty && !$0.hasPrefix("-") && !$0.hasSuffix("-") }) else {
            throw refuse("has no valid domain after the \"@\"")
        }
    }

    /// The text without what would break a line of a log.
    private static func readable(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : Character($0) })
    }
}
