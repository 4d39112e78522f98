internal import FoundationEssentials

/// A message as mail: the headers and the body of RFC 5322, with lines that end in a line feed.
struct Mail {
    /// The id of the delivery.
    let id: String
    let createdAt: Date
    let text: String

    init(_ delivery: Delivery, to address: String, from sender: String, templates: MailTemplates = MailTemplates()) {
        id = delivery.id
        createdAt = delivery.message.publishedAt
        let host = sender.split(separator: "@").last ?? "localhost"
        let message = delivery.message.message
        let worded = templates.mail(of: delivery.message, for: delivery.endpoint)
        let subject = worded?.subject ?? message.subject ?? "Millrace notification"
        let body = MailText.body(worded?.text ?? message.body(for: delivery.endpoint))
        let headers = [
            ("From", "Millrace <\(sender)>"),
            ("To", address),
            ("Subject", MailText.subject(subject)),
            ("Date", MailText.date(createdAt)),
            ("Message-ID", "<\(delivery.id)@\(host)>"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", body.encoding),
            ("Auto-Submitted", "auto-generated"),
            ("X-Millrace-Topic", MailText.line(delivery.message.topicARN)),
        ]
        text = headers.map { "\($0): \($1)\n" }.joined() + "\n" + body.text
    }
}

/// How texts are written in mails.
enum MailText {
    /// The text without what would end a header, or a line of it.
    static func line(_ text: String) -> String {
        let parts = text.unicodeScalars.split { scalar in
            scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
        }
        return parts.map { String($0) }.joined(separator: " ")
    }

    /// A subject: as it is when it is short ASCII, otherwise in encoded words (RFC 2047).
    static func subject(_ text: String) -> String {
        let line = line(text)
        let isPlain = line.utf8.allSatisfy { $0 < 0x7F } && line.utf8.count <= 900 && !line.contains("=?")
        return isPlain ? line : encodedWords(line)
    }

    private static func encodedWords(_ text: String) -> String {
        // An encoded word has at most 75 characters, 12 of them around the Base64 of at most 45 bytes.
        var words: [String] = []
        var chunk: [UInt8] = []
        func finish() { words.append("=?utf-8?B?\(Data(chunk).base64EncodedString())?=") }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if chunk.count + bytes.count > 45 {
                finish()
                chunk = []
            }
            chunk += bytes
        }
        finish()
        return words.joined(separator: "\n ")
    }

    /// `Thu, 20 Nov 2025 07:08:09 +0000`.
    static func date(_ date: Date) -> String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.weekday, .day, .month, .year, .hour, .minute, .second], from: date)
        func two(_ number: Int?) -> String {
            let text = "\(number ?? 0)"
            return text.count < 2 ? "0\(text)" : text
        }
        let day = days[(parts.weekday ?? 1) - 1]
        let month = months[(parts.month ?? 1) - 1]
        let time = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
        return "\(day), \(two(parts.day)) \(month) \(parts.year ?? 1970) \(time) +0000"
    }

    /// A body with line feeds only: as it is when it is ASCII in short lines, otherwise quoted-printable.
    static func body(_ text: String) -> (encoding: String, text: String) {
        var unified = String(text.map { $0 == "\r\n" || $0 == "\r" ? "\n" : $0 })
        if !unified.hasSuffix("\n") { unified += "\n" }
        let lines = unified.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let isPlain =
            unified.utf8.allSatisfy { $0 == 0x0A || $0 == 0x09 || (0x20...0x7E).contains($0) }
            && lines.allSatisfy { $0.count <= 78 }
        guard !isPlain else { return ("7bit", unified) }
        let encoded = lines.map { quotedPrintable(Array($0)) }.joined(separator: "\n")
        return ("quoted-printable", encoded)
    }

    /// One line in lines of at most 76 characters (RFC 2045).
    private static func quotedPrintable(_ line: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        var width = 0
        for (index, byte) in line.enumerated() {
            let isBlankAtEnd = (byte == 0x20 || byte == 0x09) && index == line.count - 1
            let isLiteral = (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "=") || byte == 0x09
            let unit =
                isLiteral && !isBlankAtEnd
                ? [byte] : [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            if width + unit.count > 75 {
                text += [UInt8(ascii: "="), UInt8(ascii: "\n")]
                width = 0
            }
            text += unit
            width += unit.count
        }
        return String(decoding: text, as: UTF8.self)
    }
}
