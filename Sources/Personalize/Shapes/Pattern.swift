/// The regular expressions of the API's shapes.
///
/// There are few of them and each is checked by hand, so that a request costs no expression engine.
enum Pattern: String, Sendable {
    case name = #"^[a-zA-Z0-9][a-zA-Z0-9\-_]*"#
    case arn = #"arn:([a-z\d-]+):personalize:.*:.*:.+"#
    case roleArn = #"arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"#
    case keyArn = #"arn:aws.*:kms:.*:[0-9]{12}:key/.*"#
    case location = "(s3|http|https)://.+"
    case datasetType = "^[A-Za-z_]+$"
    case columnName = #"[A-Za-z_][A-Za-z\d_]*"#
    case tag = #"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"#
    case rate = #"rate\(\d+ days?\)"#
    case ascii = #"\p{ASCII}{0,1500}"#
    case attribute = #"[A-Za-z\d_]+"#
    case visible = #"^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$"#

    /// Whether a whole text matches.
    func matches(_ text: String) -> Bool {
        switch self {
        case .name:
            text.utf8.first?.isLetterOrDigit == true && text.utf8.allSatisfy { $0.isLetterOrDigit || $0.isDashOrLine }
        case .arn: Self.matchesARN(text)
        case .roleArn: Self.matchesRole(text)
        case .keyArn: Self.matchesKey(text)
        case .location:
            Self.isOneLine(text) && ["s3://", "http://", "https://"].contains { text.hasPrefix($0) && text != $0 }
        case .datasetType: !text.isEmpty && text.utf8.allSatisfy { $0.isLetter || $0 == UInt8(ascii: "_") }
        case .columnName:
            text.utf8.first.map { !$0.isDigit } == true && Pattern.attribute.matches(text)
        case .tag: text.unicodeScalars.allSatisfy(Self.isTagScalar)
        case .rate: Self.matchesRate(text)
        case .ascii: text.utf8.count <= 1500 && text.utf8.allSatisfy { $0 < 128 }
        case .visible:
            text.utf8.allSatisfy { (0x20...0x7e).contains($0) } && text.utf8.contains { $0 != 0x20 }
        case .attribute: !text.isEmpty && text.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") }
        }
    }

    private static func parts(_ text: String, _ count: Int) -> [Substring] {
        text.split(separator: ":", maxSplits: count - 1, omittingEmptySubsequences: false)
    }

    private static func isPartition(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0.isLowercase || $0.isDigit || $0 == UInt8(ascii: "-") }
    }

    /// Every request of the runtime has one: no list of its parts is made.
    private static func matchesARN(_ text: String) -> Bool {
        var rest = Substring(text)
        guard takePart(&rest) == "arn", let partition = takePart(&rest), isPartition(partition),
            takePart(&rest) == "personalize", takePart(&rest) != nil, takePart(&rest) != nil
        else { return false }
        return !rest.isEmpty && isOneLine(text)
    }

    /// Takes what stands before the next colon; `nil` when there is none.
    private static func takePart(_ rest: inout Substring) -> Substring? {
        guard let colon = rest.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let part = rest[..<colon]
        rest = rest[rest.utf8.index(after: colon)...]
        return part
    }

    /// A dot of the expressions stands for anything but the end of a line.
    private static func isOneLine(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
            || !text.unicodeScalars.contains { "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) }
    }

    private static func matchesRole(_ text: String) -> Bool {
        let parts = parts(text, 6)
        guard parts.count == 6, parts[0] == "arn", isPartition(parts[1]), parts[2] == "iam", parts[3].isEmpty,
            parts[4].utf8.count == 12, parts[4].utf8.allSatisfy(\.isDigit), parts[5].hasPrefix("role")
        else { return false }
        let name = parts[5].dropFirst(4)
        return name.contains { $0 != "/" }
            && name.utf8.allSatisfy { $0.isLetterOrDigit || "+=,.@-_/".utf8.contains($0) }
    }

    private static func matchesKey(_ text: String) -> Bool {
        let parts = parts(text, 6)
        return parts.count == 6 && parts[0] == "arn" && parts[1].hasPrefix("aws") && parts[2] == "kms"
            && parts[4].utf8.count == 12 && parts[4].utf8.allSatisfy(\.isDigit) && parts[5].hasPrefix("key/")
            && isOneLine(text)
    }

    private static func matchesRate(_ text: String) -> Bool {
        guard text.hasPrefix("rate("), text.hasSuffix(" days)") || text.hasSuffix(" day)") else { return false }
        let digits = text.dropFirst(5).prefix { $0 != " " }
        return !digits.isEmpty && digits.utf8.allSatisfy(\.isDigit)
            && ["days)", "day)"].contains { text == "rate(\(digits) \($0)" }
    }

    private static func isTagScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .spaceSeparator, .lineSeparator, .paragraphSeparator:
            true
        default: "_.:/=+-@".unicodeScalars.contains(scalar)
        }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (48...57).contains(self) }
    fileprivate var isLowercase: Bool { (97...122).contains(self) }
    fileprivate var isLetter: Bool { isLowercase || (65...90).contains(self) }
    fileprivate var isLetterOrDigit: Bool { isLetter || isDigit }
    fileprivate var isDashOrLine: Bool { self == UInt8(ascii: "-") || self == UInt8(ascii: "_") }
}
