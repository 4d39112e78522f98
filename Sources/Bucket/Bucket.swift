internal import DurableFiles
internal import Crypto
internal import Glibc

/// A directory that serves as the bucket `s3://NAME`; a file's path below it is the object's key.
///
/// A key never leads out of the directory: `..` is refused, and so are symbolic links whose target is elsewhere.
/// Names that start with a dot or look like a file in the making (see `ObjectName`) hold no objects.
public struct Bucket: Sendable, Hashable {
    /// The bucket's name.
    public let name: String
    /// The directory.
    public let root: String

    /// A bucket; its directory need not exist yet.
    ///
    /// - Parameters:
    ///   - name: 3 to 63 lower-case letters, digits, dots and hyphens, as for S3.
    ///   - root: The directory.
    /// - Throws: `BucketError` with `invalidBucketName`.
    public init(name: String, root: String) throws(BucketError) {
        try Self.validateName(name)
        self.name = name
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    /// The location of an object of this bucket, as text.
    ///
    /// - Parameter key: The object's key, or a prefix of keys.
    /// - Returns: `s3://NAME/KEY`.
    public func location(of key: String) -> String { "s3://\(name)/\(key)" }

    /// The path of an existing object, resolved, for whoever maps or streams the file.
    ///
    /// - Parameter key: The object's key.
    /// - Returns: An absolute path inside the bucket's directory.
    /// - Throws: `BucketError` with `invalidLocation`, `noSuchBucket`, `noSuchKey`, `symbolicLinkRefused` or `file`.
    public func path(of key: String) throws(BucketError) -> String {
        try Self.validateKey(key)
        let directory = try resolvedRoot()
        let path = "\(directory)/\(key)"
        guard !key.isEmpty, let resolved = Self.resolve(path) else {
            throw Self.failure("open", path, or: noSuchKey(key))
        }
        guard Self.contains(directory, resolved) else {
            throw BucketError(
                .symbolicLinkRefused,
                "\(location(of: key)) leads out of the bucket, to \"\(resolved)\"; copy the file into the bucket"
            )
        }
        return resolved
    }

    /// The whole content of an object.
    ///
    /// - Parameter key: The object's key.
    /// - Returns: The bytes.
    /// - Throws: `BucketError` as `path(of:)`.
    public func read(_ key: String) throws(BucketError) -> [UInt8] {
        var bytes: [UInt8] = []
        let file = try open(key)
        bytes.reserveCapacity(file.object.size)
        try file.forEachChunk { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// The SHA-256 of an object's content, in hexadecimal; memory does not grow with the object.
    ///
    /// - Parameter key: The object's key.
    /// - Returns: 64 hexadecimal digits.
    /// - Throws: `BucketError` as `path(of:)`.
    public func contentHash(of key: String) throws(BucketError) -> String {
        var hash = SHA256()
        try open(key).forEachChunk { hash.update(data: $0) }
        return hash.finalize().hexadecimal
    }

    /// Puts an object: the whole content or, on a fault, none of it.
    ///
    /// - Parameters:
    ///   - bytes: The content.
    ///   - key: The object's key; folders are made as needed.
    /// - Throws: `BucketError` with `invalidLocation`, `noSuchBucket`, `symbolicLinkRefused` or `file`.
    public func put(_ bytes: [UInt8], at key: String) throws(BucketError) {
        try put(bytes, at: key, attributes: ObjectAttributes())
    }

    /// Removes an object; it is no fault when there is none.
    ///
    /// - Parameter key: The object's key.
    /// - Throws: `BucketError` with `invalidLocation`, `noSuchBucket`, `symbolicLinkRefused` or `file`.
    public func delete(_ key: String) throws(BucketError) {
        let path = try writablePath(of: key)
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw .file(FileError("remove", path, code: errno))
        }
    }

    func open(_ key: String) throws(BucketError) -> ObjectFile {
        let path = try path(of: key)
        guard let file = try ObjectFile(key: key, path: path) else { throw noSuchKey(key) }
        return file
    }

    /// The bucket's directory with all symbolic links resolved.
    func resolvedRoot() throws(BucketError) -> String {
        guard let directory = Self.resolve(root) else {
            let missing = BucketError(
                .noSuchBucket,
                "bucket \"\(name)\": its directory \"\(root)\" does not exist; create it"
            )
            throw Self.failure("open", root, or: missing)
        }
        return directory
    }

    /// The path at which an object is to be written, aside and then renamed; the folders above it are made.
    ///
    /// - Parameter key: The object's key.
    /// - Returns: An absolute path inside the bucket's directory.
    /// - Throws: `BucketError` with `invalidLocation`, `noSuchBucket`, `symbolicLinkRefused` or `file`.
    public func writablePath(of key: String) throws(BucketError) -> String {
        try Self.validateKey(key)
        guard !key.isEmpty, !key.hasSuffix("/") else {
            throw BucketError(.invalidLocation, "key \"\(key)\" must name an object, not a folder")
        }
        let directory = try resolvedRoot()
        let path = "\(directory)/\(key)"
        let folder = Self.parent(of: path)
        // Whatever exists of the folders must be inside; what does not is made there.
        var existing = folder
        while Self.resolve(existing) == nil, existing != directory { existing = Self.parent(of: existing) }
        guard let resolved = Self.resolve(existing), resolved == directory || Self.contains(directory, resolved) else {
            throw BucketError(.symbolicLinkRefused, "\(location(of: key)) leads out of the bucket; use another key")
        }
        do {
            try DirectoryListing.create(folder)
        } catch {
            throw Self.refusal(of: error, at: location(of: key))
        }
        return path
    }

    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
    }

    private func noSuchKey(_ key: String) -> BucketError {
        BucketError(.noSuchKey, "\(location(of: key)) does not exist")
    }

    private static func failure(_ operation: String, _ path: String, or missing: BucketError) -> BucketError {
        switch errno {
        case ENOENT, ENOTDIR, 0: missing
        case ENAMETOOLONG:
            BucketError(.keyTooLong, "\"\(path)\" has a name of more than 255 bytes between slashes; use a shorter one")
        default: .file(FileError(operation, path, code: errno))
        }
    }
}
