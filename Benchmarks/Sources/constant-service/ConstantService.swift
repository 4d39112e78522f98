import ArgumentParser
import Foundation
import Hummingbird
import Logging

/// The bound of what a server can answer: a route that reads a request and returns the same bytes every time.
@main
struct ConstantService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "constant-service",
        abstract: "Answer POST /recommendations with the content of a file, as fast as the server below can."
    )

    @Option(help: "The port on loopback.")
    var port: Int

    @Argument(help: "The file whose content is the answer.")
    var file: String

    /// Answers until it is ended.
    func run() async throws {
        let bytes = ByteBuffer(bytes: try Data(contentsOf: URL(filePath: file)))
        let router = Router()
        router.post("recommendations") { request, _ in
            _ = try await request.body.collect(upTo: 1 << 16)
            return Response(
                status: .ok,
                headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: bytes)
            )
        }
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            logger: Logger(label: "constant") { _ in SwiftLogNoOpLogHandler() }
        )
        try await application.runService()
    }
}
