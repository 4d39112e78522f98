internal import Integrity
internal import NIOCore
internal import NIOHTTP1

extension APIResponder {
    /// Checks the signature of a request whose body is here.
    ///
    /// - Returns: The signature; `nil` where none is asked for.
    func authenticated(
        _ head: HTTPRequestHead,
        _ body: Result<ByteBuffer, WireError>,
        _ wireProtocol: WireProtocol
    ) throws(WireError) -> VerifiedSignature? {
        guard let authenticator, !RequestAuthenticator.isUnsigned(head.path) else { return nil }
        // A body that was not taken is refused as such; who sent it is then of no matter.
        guard case .success(let bytes) = body else { return nil }
        do throws(SignatureFault) {
            let hash = PayloadHash.text(of: bytes.readableBytesView)
            return try authenticator.check(RequestHead(head), payloadHash: hash)
        } catch {
            throw WireError(error, in: wireProtocol)
        }
    }

    /// Refuses a request that changes something and was sent before.
    func refuseReplay(
        of signature: VerifiedSignature,
        _ head: HTTPRequestHead,
        _ wireProtocol: WireProtocol
    ) throws(WireError) {
        do throws(SignatureFault) {
            try authenticator?.refuseReplay(of: signature, RequestHead(head))
        } catch {
            throw WireError(error, in: wireProtocol)
        }
    }
}
