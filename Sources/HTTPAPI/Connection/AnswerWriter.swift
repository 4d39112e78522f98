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
    /// Further headers.
    var headers: [(name: String, value: String)] = []
    /// What is sent piece by piece in place of the body.
    var content: AnswerContent?
    /// How long the body would be that an answer to `HEAD` goes without.
    var lengthWithoutBody: Int?
}

/// A content that is read while it is sent, so that memory does not grow with it.
struct AnswerContent: Sendable {
    private static let pieceSize = 256 << 10

    /// How many bytes it has.
    let count: Int
    /// Reads a piece from an offset.
    let read: @Sendable (_ offset: Int, _ count: Int) throws -> [UInt8]

    /// It has become shorter while it was sent.
    struct Shortened: Error {}

    /// Reads it in pieces.
    func forEachPiece(_ body: ([UInt8]) async throws -> Void) async throws {
        var offset = 0
        while offset < count {
            let piece = try read(offset, min(Self.pieceSize, count - offset))
            guard !piece.isEmpty else { throw Shortened() }
            try await body(piece)
            offset += piece.count
        }
    }
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
        if !answer.contentType.isEmpty {
            buffer.writeStaticString("\r\ncontent-type: ")
            Self.write(value: answer.contentType, into: &buffer)
        }
        if answer.status != 204 && answer.status != 304 {
            buffer.writeStaticString("\r\ncontent-length: ")
            buffer.writeString(String(answer.content?.count ?? answer.lengthWithoutBody ?? answer.body.count))
        }
        buffer.writeStaticString("\r\nx-amzn-requestid: ")
        buffer.writeString(answer.requestID)
        if let code = answer.errorCode {
            buffer.writeStaticString("\r\nx-amzn-errortype: ")
            buffer.writeString(code)
        }
        for header in answer.headers {
            buffer.writeString("\r\n\(header.name): ")
            Self.write(value: header.value, into: &buffer)
        }
        if isLast { buffer.writeStaticString("\r\nconnection: close") }
        writeEnding(into: &buffer)
        if answer.lengthWithoutBody == nil { buffer.writeBytes(answer.body) }
        return buffer
    }

    /// What was kept beside an object may hold anything, and must not end the line.
    private static func write(value: String, into buffer: inout ByteBuffer) {
        guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            buffer.writeString(value)
            return
        }
        buffer.writeBytes(value.utf8.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 })
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
    var httpText: String {
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
