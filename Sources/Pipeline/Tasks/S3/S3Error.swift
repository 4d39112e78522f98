internal import Bucket
internal import StatesLanguage

/// A refusal of the object store, as the SDK's exceptions word it.
struct S3Error: Error {
    let exception: String
    let message: String
    let status: Int

    static let noSuchBucket = S3Error(
        exception: "NoSuchBucketException",
        message: "The specified bucket does not exist",
        status: 404
    )
    static let noSuchKey = S3Error(
        exception: "NoSuchKeyException",
        message: "The specified key does not exist.",
        status: 404
    )
    static let unsatisfiableRange = S3Error("The requested range is not satisfiable", status: 416)
    static let preconditionFailed = S3Error(
        "At least one of the pre-conditions you specified did not hold",
        status: 412
    )
    /// HTTP answers these without a body, so the SDK has no words for them.
    static let notModified = S3Error("null", status: 304)

    init(exception: String, message: String, status: Int) {
        self.exception = exception
        self.message = message
        self.status = status
    }

    /// An error without an exception of its own.
    init(_ message: String, status: Int) {
        self.init(exception: "S3Exception", message: message, status: status)
    }

    /// What a bucket's fault is to the SDK.
    init(_ error: BucketError) {
        switch error.code {
        case .noSuchBucket, .invalidBucketName: self = .noSuchBucket
        case .noSuchKey: self = .noSuchKey
        case .unsatisfiableRange: self = .unsatisfiableRange
        case .invalidLocation, .symbolicLinkRefused, .keyTooLong, .bucketExists, .bucketNotEmpty, .bucketIsConfigured,
            .noSuchUpload, .invalidPart, .invalidToken:
            self = S3Error(error.description, status: 400)
        case .attributesRefused: self = S3Error(error.description, status: 501)
        case .file: self = S3Error(error.description, status: 500)
        }
    }

    /// The error of the task, with ids of the request.
    func statesError(requestID: String) -> StatesError {
        let bare = requestID.replacing("-", with: "").uppercased()
        return StatesError(
            name: "S3.\(exception)",
            cause: "\(message) (Service: S3, Status Code: \(status), Request ID: \(bare.prefix(16)), "
                + "Extended Request ID: \(bare))"
        )
    }
}
