internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1

/// What a request is answered with.
struct APIAnswer: Sendable {
    /// The HTTP status.
    let status: Int
    /// What the body is.
    let contentType: String
    /// The id of the request, which the log tells too.
    let requestID: String
    /// The code of an error.
    var errorCode: String?
    /// The body.
    let body: [UInt8]
}

/// Writes answers as HTTP/1.1, head and body in one buffer.
struct AnswerWriter: Sendable {
    private let now: @Sendable () -> Date
    private var second = Int.min
    private var ending = ""

    /// A writer that dates its answers by a clock.
    init(now: @escaping @Sendable () -> Date) { self.now = now }

    /// The bytes of an answer.
    ///
    /// - Parameters:
    ///   - answer: What is answered.
    ///   - isLast: Whether the connection is closed after it.
    ///   - allocator: Makes the buffer.
    /// - Returns: Head and body.
    mutating func bytes(of answer: APIAnswer, isLast: Bool, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: answer.body.count + 320)
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(answer.status))
        buffer.writeStaticString(" ")
        buffer.writeString(HTTPResponseStatus(statusCode: answer.status).reasonPhrase)
        buffer.writeStaticString("\r\ncontent-type: ")
        buffer.writeString(answer.contentType)
        buffer.writeStaticString("\r\ncontent-length: ")
        buffer.writeString(String(answer.body.count))
        buffer.writeStaticString("\r\nx-amzn-requestid: ")
        buffer.writeString(answer.requestID)
        if let code = answer.errorCode {
            buffer.writeStaticString("\r\nx-amzn-errortype: ")
            buffer.writeString(code)
        }
        if isLast { buffer.writeStaticString("\r\nconnection: close") }
        writeEnding(into: &buffer)
        buffer.writeBytes(answer.body)
        return buffer
    }

    /// The server's name and the time, which changes once a second.
    private mutating func writeEnding(into buffer: inout ByteBuffer) {
        let now = now()
        let second = Int(now.timeIntervalSince1970)
        if second != self.second {
            self.second = second
            ending = "\r\nserver: millrace\r\ndate: \(now.httpText)\r\n\r\n"
        }
        buffer.writeString(ending)
    }
}

extension Date {
    /// The moment as HTTP writes it: `Sun, 09 Sep 2001 01:46:40 GMT`.
    fileprivate var httpText: String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let fields: Set<Calendar.Component> = [.year, .month, .day, .weekday, .hour, .minute, .second]
        let parts = calendar.dateComponents(fields, from: self)
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ value: Int?) -> String { (value ?? 0) < 10 ? "0\(value ?? 0)" : "\(value ?? 0)" }
        let time = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
        let day = "\(two(parts.day)) \(months[(parts.month ?? 1) - 1]) \(parts.year ?? 0)"
        return "\(weekdays[(parts.weekday ?? 1) - 1]), \(day) \(time) GMT"
    }
}
