/// How a request is framed and its answer marked.
public enum WireProtocol: String, Sendable {
    /// `POST /` with the operation in `X-Amz-Target`, as Step Functions speaks it.
    case json10 = "application/x-amz-json-1.0"
    /// `POST /` with the operation in `X-Amz-Target`, as Personalize speaks it.
    case json11 = "application/x-amz-json-1.1"
    /// The operation is the path, as in the runtime of Personalize.
    case restJSON = "application/json"
    /// `POST /` with a form and its `Action`, answered in XML, as SNS and STS speak it.
    case query = "text/xml"
    /// Buckets and objects are paths, errors are XML, as S3 speaks it.
    case restXML = "application/xml"

    /// The content type of answers.
    var contentType: String { rawValue }
}
