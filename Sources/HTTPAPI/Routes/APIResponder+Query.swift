internal import Integrity
internal import JSON
internal import NIOCore
internal import NIOHTTP1

extension APIResponder {
    /// What a request comes to whose operation stands in its form, after the operation.
    func beginQuery(
        _ body: Result<ByteBuffer, WireError>,
        _ head: HTTPRequestHead,
        _ signature: VerifiedSignature?,
        _ requestID: String
    ) -> (name: String, Outcome) {
        let call: QueryTables.Call
        do {
            call = try queries.find(String(decoding: body.get().readableBytesView, as: UTF8.self))
            if let signature, !Call.isReading(call.name) { try refuseReplay(of: signature, head, .query) }
        } catch {
            return (head.path, .answer(refuse(error, Call(refusing: head), requestID)))
        }
        let refused = Call(call.name, .query, .atOnce { $0.utf8 })
        let outcome = Outcome.later(isWatched: false) {
            do {
                let output = try await call.handler(call.input)
                return APIAnswer(
                    status: 200,
                    contentType: WireProtocol.query.contentType,
                    requestID: requestID,
                    body: queries.document(output, of: call, requestID)
                )
            } catch {
                return refuse(error, refused, requestID)
            }
        }
        return ("\(call.service).\(call.name)", outcome)
    }
}
