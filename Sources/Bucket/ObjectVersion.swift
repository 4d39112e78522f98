/// What tells one version of an object from another.
///
/// The same content dropped again is another version, since it comes with another file or another time.
public struct ObjectVersion: Sendable, Hashable {
    /// The SHA-256 of the content, in hexadecimal.
    public let sha256: String
    /// How many bytes it holds.
    public let size: Int
    /// When its content last changed, in nanoseconds since 1970.
    public let modifiedNanoseconds: Int64
    /// When its content, name or attributes last changed, in nanoseconds since 1970.
    public let changedNanoseconds: Int64
    /// The number of its file.
    public let inode: UInt64

    /// A version of known parts, as a store reads it back.
    public init(
        sha256: String,
        size: Int,
        modifiedNanoseconds: Int64,
        changedNanoseconds: Int64,
        inode: UInt64
    ) {
        self.sha256 = sha256
        self.size = size
        self.modifiedNanoseconds = modifiedNanoseconds
        self.changedNanoseconds = changedNanoseconds
        self.inode = inode
    }

    init(_ object: BucketObject, sha256: String) {
        self.init(
            sha256: sha256,
            size: object.size,
            modifiedNanoseconds: object.modifiedNanoseconds,
            changedNanoseconds: object.changedNanoseconds,
            inode: object.inode
        )
    }

    /// Whether the listing shows this very version, so that its content need not be read.
    func isShown(by object: BucketObject) -> Bool {
        inode == object.inode && size == object.size && modifiedNanoseconds == object.modifiedNanoseconds
            && changedNanoseconds == object.changedNanoseconds
    }

    /// Whether this is the same file with the same content as before, and nobody wrote it since it was taken:
    /// only its attributes changed, as `chmod` or a copy that sets the time afterwards does.
    func differsInAttributesOnly(from earlier: ObjectVersion) -> Bool {
        inode == earlier.inode && size == earlier.size && sha256 == earlier.sha256
            && (modifiedNanoseconds == earlier.modifiedNanoseconds
                || modifiedNanoseconds <= earlier.changedNanoseconds)
    }
}
