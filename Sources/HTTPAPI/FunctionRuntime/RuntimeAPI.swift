public import Functions
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The Lambda Runtime API: what workers of functions ask for invocations and give their answers to.
///
/// Each worker has an address of its own on the loopback network, drawn from all 2²⁴ of it, with a port of its own.
public enum RuntimeAPI {
    /// Listens for one worker.
    ///
    /// - Parameter peer: What answers it.
    /// - Returns: Where the worker finds it.
    /// - Throws: The system's error when no address can be had.
    public static func listen(_ peer: RuntimePeer) async throws -> RuntimeAddress {
        let random = UInt32.random(in: 1..<0xff_ff_ff)
        let host = "127.\(random >> 16).\(random >> 8 & 0xff).\(random & 0xff | 1)"
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 16)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)),
                        RuntimeConnection(peer: peer)
                    )
                }
            }
            .bind(host: host, port: 0).get()
        let port = channel.localAddress?.port ?? 0
        return RuntimeAddress("\(host):\(port)") { channel.close(promise: nil) }
    }
}
