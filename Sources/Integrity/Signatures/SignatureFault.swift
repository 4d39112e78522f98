/// Why a request's signature is not taken.
public enum SignatureFault: Error, Sendable, Equatable {
    /// There is none.
    case missing
    /// It cannot be read; the text says what is wrong.
    case malformed(String)
    /// Nobody here has the access key.
    case unknownKey(String)
    /// It was made with another secret, or for another request.
    case mismatch
    /// It was made too long before or after now.
    case skewed(String)
    /// The time that a presigned URL was given is over.
    case expired(String)
    /// A request that changes something came with a signature that was used before.
    case replayed
}
