public import struct FoundationEssentials.Date
internal import Glibc

/// An object as the listing shows it, without a look at its content.
public struct BucketObject: Sendable, Hashable {
    /// Its key: the path below the bucket's directory.
    public let key: String
    /// How many bytes it holds.
    public let size: Int
    /// When its content last changed, in nanoseconds since 1970.
    public let modifiedNanoseconds: Int64
    /// When its content, name or attributes last changed, in nanoseconds since 1970; nobody can set this back.
    public let changedNanoseconds: Int64
    /// The number of its file.
    public let inode: UInt64

    /// When its content last changed.
    public var modifiedAt: Date { Date(timeIntervalSince1970: Double(modifiedNanoseconds) / 1e9) }

    init(key: String, status: stat) {
        self.key = key
        size = Int(status.st_size)
        modifiedNanoseconds = Self.nanoseconds(status.st_mtim)
        changedNanoseconds = Self.nanoseconds(status.st_ctim)
        inode = UInt64(status.st_ino)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
