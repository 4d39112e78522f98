public import DurableFiles

/// Why a bucket could not do what was asked of it.
public struct BucketError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of faults.
    public enum Code: Sendable, Equatable {
        /// The bucket's name breaks the rules of S3.
        case invalidBucketName
        /// The location is not of the form `s3://NAME/KEY`, or the key is not one a bucket can hold.
        case invalidLocation
        /// The key, or a name in it, is longer than can be.
        case keyTooLong
        /// There is a bucket of that name.
        case bucketExists
        /// The bucket holds objects, so it cannot be deleted.
        case bucketNotEmpty
        /// The bucket is one of the settings, so it cannot be deleted.
        case bucketIsConfigured
        /// There is no such upload in parts.
        case noSuchUpload
        /// A part of an upload is not there, or is another.
        case invalidPart
        /// No byte of the object is in the range that was asked for.
        case unsatisfiableRange
        /// What was given to go on with a listing did not come from one.
        case invalidToken
        /// The bucket's directory does not exist.
        case noSuchBucket
        /// There is no such object.
        case noSuchKey
        /// The file system does not keep what was to be kept beside the content.
        case attributesRefused
        /// The key leads through a symbolic link that is not followed.
        case symbolicLinkRefused
        /// The file system refused.
        case file(FileError)
    }

    /// The kind of fault.
    public let code: Code
    /// Place, fact and remedy.
    public let description: String

    /// An error of a kind, with its text.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// Whether the disk, or the user's quota of it, is full.
    public var isDiskFull: Bool {
        guard case .file(let fault) = code else { return false }
        return fault.isDiskFull
    }

    /// A refusal of the file system.
    public static func file(_ error: FileError) -> BucketError {
        BucketError(.file(error), error.description)
    }
}
