internal import AsyncHTTPClient
internal import FoundationEssentials
internal import JSON
internal import NIOCore
internal import NIOHTTP1

/// Posts a message as JSON, signed as Standard Webhooks has it.
struct WebhookSender {
    let client: HTTPClient
    let timeout: Duration
    /// Whether what is answered tells the beginning of the response's body too.
    var showsBody = false

    /// As much of a response's body as is shown, in bytes.
    private static let shownBody = 1024

    /// Posts a delivery, and answers in words what the receiver said.
    @discardableResult
    func send(
        _ delivery: Delivery,
        to url: String,
        secret: WebhookSecret,
        at now: Date
    ) async throws(SendingError) -> String {
        let body = Self.body(of: delivery)
        let timestamp = Int(now.timeIntervalSince1970)
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "user-agent", value: "millrace")
        request.headers.add(name: "webhook-id", value: delivery.id)
        request.headers.add(name: "webhook-timestamp", value: "\(timestamp)")
        request.headers.add(
            name: "webhook-signature",
            value: secret.signature(id: delivery.id, timestamp: timestamp, body: body)
        )
        request.body = .bytes(body)
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: TimeAmount(timeout))
        } catch {
            throw SendingError("\(delivery.endpoint) \(ConnectionFault.text(of: error, timeout: timeout))")
        }
        let said = showsBody ? await beginning(of: response.body) : ""
        guard (200..<300).contains(response.status.code) else { throw refusal(response, delivery, now, said) }
        return "answered \(response.status.code) \(response.status.reasonPhrase)\(said)"
    }

    private func beginning(of body: HTTPClientResponse.Body) async -> String {
        var bytes: [UInt8] = []
        do {
            for try await part in body {
                bytes += part.readableBytesView
                if bytes.count > Self.shownBody { break }
            }
        } catch {
            // The status was said; what was to follow it says nothing of whether it was taken.
        }
        guard !bytes.isEmpty else { return "" }
        let isCut = bytes.count > Self.shownBody
        return ": \(String(decoding: bytes.prefix(Self.shownBody), as: UTF8.self))\(isCut ? "…" : "")"
    }

    /// The same bytes at every attempt.
    static func body(of delivery: Delivery) -> [UInt8] {
        let message = delivery.message.message
        var body: JSON = [
            "type": message.payload?["type"] ?? "notification",
            "timestamp": .string(delivery.message.publishedAt.ISO8601Format()),
            "id": .string(delivery.id),
            "messageId": .string(delivery.message.id),
            "topicArn": .string(delivery.message.topicARN),
            "subject": JSON(message.subject),
            "message": .string(message.body(for: delivery.endpoint)),
        ]
        let attributes = message.attributes.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
        body["attributes"] = .object(JSONObject(attributes))
        body["data"] = message.payload ?? .null
        return body.utf8
    }

    private func refusal(
        _ response: HTTPClientResponse,
        _ delivery: Delivery,
        _ now: Date,
        _ said: String
    ) -> SendingError {
        let status = response.status
        let after = response.headers.first(name: "retry-after").flatMap { Self.delay(parsing: $0, at: now) }
        return SendingError(
            "\(delivery.endpoint) answered \(status.code) \(status.reasonPhrase)\(said)",
            retryAfter: after,
            isFinal: status.code == 410
        )
    }

    /// Reads `Retry-After`: seconds, or a date as HTTP writes it.
    static func delay(parsing text: String, at now: Date) -> Duration? {
        if let seconds = Int(text) { return seconds >= 0 ? .seconds(min(seconds, 1_000_000_000)) : nil }
        guard let date = try? Date(text, strategy: HTTPDateStrategy()) else { return nil }
        return .seconds(max(0, date.timeIntervalSince(now)))
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
private struct HTTPDateStrategy: ParseStrategy {
    struct Malformed: Error {}

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    func parse(_ text: String) throws -> Date {
        let parts = text.split(whereSeparator: { " :".contains($0) })
        guard parts.count == 8, parts[7] == "GMT", let month = Self.months.firstIndex(of: String(parts[2])) else {
            throw Malformed()
        }
        let numbers = [1, 3, 4, 5, 6].compactMap { Int(parts[$0]) }
        guard numbers.count == 5 else { throw Malformed() }
        var components = DateComponents()
        components.day = numbers[0]
        components.month = month + 1
        components.year = numbers[1]
        components.hour = numbers[2]
        components.minute = numbers[3]
        components.second = numbers[4]
        components.timeZone = TimeZone(secondsFromGMT: 0)
        guard let date = Calendar(identifier: .gregorian).date(from: components) else { throw Malformed() }
        return date
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        self = .nanoseconds(Int64(duration / .nanoseconds(1)))
    }
}
