internal import Bucket
internal import Integrity
internal import Logging
internal import NIOCore
internal import NIOHTTP1

extension APIResponder {
    /// What becomes of a request whose head has come in.
    enum Reception {
        /// It is answered when its body is whole.
        case whole
        /// It is refused already.
        case answer(APIAnswer)
        /// It is answered by work that reads the body as it comes in.
        case streamed(@Sendable (IncomingBody) async -> APIAnswer)
    }

    /// Takes requests to the object store from the rest.
    ///
    /// - Parameter head: A request's first line and headers.
    /// - Returns: How the request is received.
    func stream(_ head: HTTPRequestHead) -> Reception {
        guard let objects, isForObjects(head, objects) else { return .whole }
        let requestID = makeRequestID()
        do {
            try refuseBrowsers(head)
            let host = head.headers.first(name: "host") ?? ""
            let request = try S3Request(RequestHead(head), virtualBucket: virtualBucket(in: host, head, objects))
            let signature = try Self.authenticated(request, authenticator)
            return .streamed { body in
                let start = NIODeadline.now()
                let answer = await answer(request, body, signature, objects, requestID)
                requests.note(Self.objectsName, answer.status, NIODeadline.now() - start)
                return answer
            }
        } catch {
            return .answer(refuse(error, head.method, head.path, requestID))
        }
    }

    /// What requests to the object store are counted as.
    static let objectsName = "S3"

    private static func authenticated(
        _ request: S3Request,
        _ authenticator: RequestAuthenticator?
    ) throws(WireError) -> VerifiedSignature? {
        do throws(SignatureFault) {
            return try authenticator?.check(request)
        } catch {
            throw WireError(error, in: .restXML)
        }
    }

    /// Whether a request is for the object store: it says so by its signature, its host names a bucket, or its path
    /// begins with one and is no other operation's.
    private func isForObjects(_ head: HTTPRequestHead, _ objects: S3Service) -> Bool {
        if let text = head.headers.first(name: "authorization") {
            if let service = SignatureClaim.service(authorization: text) { return service == "s3" }
        } else if let query = head.query, let service = SignatureClaim.service(query: query) {
            return service == "s3"
        }
        if let host = head.headers.first(name: "host"), virtualBucket(in: host, head, objects) != nil { return true }
        let path = head.path
        guard path != "/", !routes.has(path), !RequestAuthenticator.isUnsigned(path) else { return false }
        let name = path.dropFirst().prefix { $0 != "/" }
        return objects.buckets.all.contains { $0.name == name }
    }

    /// The bucket that a host names: for a signed request any, otherwise one that is there.
    private func virtualBucket(in host: String, _ head: HTTPRequestHead, _ objects: S3Service) -> String? {
        guard let name = VirtualHost.bucket(in: host) else { return nil }
        let isThere = objects.buckets.all.contains { $0.name == name }
        return isThere || head.headers.contains(name: "authorization") ? name : nil
    }

    private func answer(
        _ request: S3Request,
        _ body: IncomingBody,
        _ signature: VerifiedSignature?,
        _ objects: S3Service,
        _ requestID: String
    ) async -> APIAnswer {
        do {
            let answer = try await objects.answer(request, body, signature)
            // A body that nobody asked for must not be taken for the next request.
            if !body.isAtEnd { await body.discard() }
            return framed(answer, requestID)
        } catch {
            if !body.isAtEnd { await body.discard() }
            return refuse(error, HTTPMethod(rawValue: request.method), request.head.path, requestID)
        }
    }

    private func framed(_ answer: S3Answer, _ requestID: String) -> APIAnswer {
        APIAnswer(
            status: answer.status,
            contentType: answer.contentType,
            requestID: requestID,
            body: answer.body,
            headers: [("x-amz-request-id", requestID)] + answer.headers,
            content: answer.content,
            lengthWithoutBody: answer.lengthWithoutBody
        )
    }

    /// An error as S3 writes it; `HEAD` and "not modified" have the status alone.
    private func refuse(_ error: any Error, _ method: HTTPMethod, _ path: String, _ requestID: String) -> APIAnswer {
        let visible = (error as? BucketError).map { WireError($0) } ?? WireErrors.visible(error)
        let isOurs = visible == nil || visible?.code == "InternalFailure"
        let shown =
            isOurs ? WireErrors.hidden(requestID: requestID) : visible ?? WireErrors.hidden(requestID: requestID)
        let status = ErrorStatus.status(of: shown.code, in: .restXML) ?? 500
        log(error, shown, status, operation: "\(method.rawValue) \(path)", requestID)
        let isBare = method == .HEAD || status == 304
        let document = XMLNode(
            "Error",
            [
                XMLNode("Code", shown.code == "InternalFailure" ? "InternalError" : shown.code),
                XMLNode("Message", shown.message), XMLNode("Resource", path), XMLNode("RequestId", requestID),
            ]
        ).document
        return APIAnswer(
            status: status,
            contentType: isBare ? "" : WireProtocol.restXML.contentType,
            requestID: requestID,
            body: isBare ? [] : document,
            headers: [("x-amz-request-id", requestID)]
        )
    }
}
