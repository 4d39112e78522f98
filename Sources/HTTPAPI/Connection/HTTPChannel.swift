internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// What the server does with a connection that it has accepted.
///
/// The connection answers by itself from its first byte. Nothing that must be ended lies in the server's queue of
/// accepted connections, so one that comes in the moment of a shutdown is let go without harm.
struct HTTPChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
    }

    let responder: APIResponder
    let limits: RequestBody.Limits
    let idleTimeout: TimeAmount
    let answers: AnswerWriter

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
            try pipeline.addHandler(
                HTTPConnection(responder: responder, limits: limits, idleTimeout: idleTimeout, answers: answers)
            )
            return Value(channel: channel)
        }
    }

    /// Lasts as long as the connection; a cancellation reaches what is being answered.
    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            try? await value.channel.closeFuture.get()
        } onCancel: {
            value.channel.pipeline.fireUserInboundEventTriggered(HTTPConnection.Cancelled())
        }
    }
}
