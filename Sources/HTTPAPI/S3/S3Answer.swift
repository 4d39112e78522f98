internal import Bucket
internal import FoundationEssentials

/// What an operation of the object store answers.
struct S3Answer: Sendable {
    static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    var status = 200
    var contentType = ""
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    var content: AnswerContent?
    /// How long the body would be that an answer to `HEAD` goes without.
    var lengthWithoutBody: Int?

    /// An answer without a body.
    static func empty(_ status: Int = 200, _ headers: [(name: String, value: String)] = []) -> S3Answer {
        S3Answer(status: status, headers: headers)
    }

    /// An answer that is a document.
    static func document(_ name: String, _ children: [XMLNode]) -> S3Answer {
        S3Answer(contentType: "application/xml", body: XMLNode(name, namespace: namespace, children).document)
    }
}

extension Date {
    /// The moment as the documents of S3 have it: `2009-10-12T17:50:30.000Z`.
    var s3Text: String {
        formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true)
                .timeZone(separator: .omitted)
        )
    }

    /// A moment in nanoseconds since 1970.
    init(nanoseconds: Int64) { self.init(timeIntervalSince1970: Double(nanoseconds) / 1e9) }

    /// Reads a date of a header: `Sun, 06 Nov 1994 08:49:37 GMT`; `nil` for anything else.
    init?(httpText text: String) {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), let year = Int(words[3]),
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3 else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = DateComponents(
            year: year,
            month: month + 1,
            day: day,
            hour: time[0],
            minute: time[1],
            second: time[2]
        )
        guard let date = calendar.date(from: parts) else { return nil }
        self = date
    }
}

extension String {
    /// A tag in quotation marks, as HTTP writes entity tags.
    var quotedTag: String { "\"\(self)\"" }

    /// A tag with or without quotation marks.
    var bareTag: String { filter { $0 != "\"" } }
}
