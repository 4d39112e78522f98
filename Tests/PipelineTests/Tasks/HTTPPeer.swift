import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore

/// A real HTTP server on the loopback address that answers as it is told, and what it was asked.
struct HTTPPeer: Sendable {
    struct Request: Sendable {
        let method: String
        /// The path with its query.
        let target: String
        /// By names in small letters.
        let headers: [String: String]
        let body: String

        /// What the answer tells of the request.
        var json: JSON {
            [
                "method": .string(method), "target": .string(target), "body": .string(body),
                "headers": .object(JSONObject(headers.map { ($0, .string($1)) })),
            ]
        }
    }

    struct Answer: Sendable {
        var status = 200
        var headers: [(String, String)] = [("content-type", "application/json")]
        var body: [UInt8]

        init(_ body: String) { self.init(200, body) }

        init(_ status: Int = 200, type: String = "application/json", _ body: String) {
            self.status = status
            headers = [("Content-Type", type)]
            self.body = Array(body.utf8)
        }
    }

    let port: Int

    func url(_ path: String) -> JSON { .string("http://127.0.0.1:\(port)\(path)") }

    /// Runs a server around a body; one that is told nothing answers with what it was asked.
    static func serve<T: Sendable>(
        _ answer: @escaping @Sendable (Request) async throws -> Answer = { Answer($0.json.text) },
        _ body: @escaping @Sendable (HTTPPeer) async throws -> T
    ) async throws -> T {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            responder: CallbackResponder { (request: Hummingbird.Request, _: BasicRequestContext) in
                try await response(to: request, answer)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { found.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "peer") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                try await application.run()
                return nil
            }
            group.addTask {
                for await port in ports { return try await body(HTTPPeer(port: port)) }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private static func response(
        to request: Hummingbird.Request,
        _ answer: (Request) async throws -> Answer
    ) async throws -> Response {
        let bytes = try await request.body.collect(upTo: 1 << 20)
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let asked = Request(
            method: request.method.rawValue,
            target: request.uri.string,
            headers: headers,
            body: String(decoding: bytes.readableBytesView, as: UTF8.self)
        )
        let answer = try await answer(asked)
        var response = Response(
            status: .init(code: answer.status),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
        )
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { response.headers.append(HTTPField(name: name, value: value)) }
        }
        return response
    }
}
