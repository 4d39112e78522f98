import Bucket
import Foundation
import HTTPAPI
import Integrity
import TestSupport

/// A server with one bucket, `films`, in a directory of its own.
struct ObjectServer {
    let directory: TemporaryDirectory
    let bucket: Bucket
    let objects: S3Service

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.file("films"), withIntermediateDirectories: true)
        bucket = try Bucket(name: "films", root: directory.file("films"))
        objects = S3Service(
            buckets: try Buckets([bucket], newIn: directory.file("made")),
            now: { Date(timeIntervalSince1970: 1_000_000_000) },
            makeID: { UUID().uuidString.lowercased() }
        )
    }

    /// Every file below the bucket's directory.
    var files: [String] {
        get throws {
            try FileManager.default.subpathsOfDirectory(atPath: bucket.root).filter { path in
                var isDirectory: ObjCBool = false
                _ = unsafe FileManager.default.fileExists(atPath: "\(bucket.root)/\(path)", isDirectory: &isDirectory)
                return !isDirectory.boolValue
            }.sorted()
        }
    }

    /// Runs a server while a body talks to it.
    func run<Result: Sendable>(
        keys: [AccessKey] = [],
        operations: [OperationTable] = [],
        configure: (inout Server.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        try await withServer(
            operations: operations,
            routes: [RESTRoute("/recommendations", atOnce: { _ in Array("{}".utf8) })],
            objects: objects,
            configure: { configuration in
                configuration.accessKeys = keys
                configure(&configuration)
            },
            body
        )
    }
}

/// One request on a connection of its own.
func send(_ request: String, to port: Int) async throws -> RawAnswer {
    let raw = try RawConnection(port: port)
    try await raw.sendPatiently(request)
    return try RawAnswer(try await raw.untilClosed())
}

/// A request as text, the last of its connection.
func request(
    _ method: String,
    _ target: String,
    _ body: String = "",
    host: String = "127.0.0.1",
    _ headers: [(name: String, value: String)] = []
) -> String {
    let lines = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
    return "\(method) \(target) HTTP/1.1\r\nhost: \(host)\r\nconnection: close\r\n\(lines)"
        + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
}

/// A request without a body as text, the last of its connection.
func request(_ method: String, _ target: String, _ headers: [(name: String, value: String)]) -> String {
    request(method, target, "", host: "127.0.0.1", headers)
}
