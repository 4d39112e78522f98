internal import Glibc

extension Bucket {
    /// Checks a bucket's name against the rules of S3.
    ///
    /// - Parameter name: The name.
    /// - Throws: `BucketError` with `invalidBucketName`.
    public static func validateName(_ name: String) throws(BucketError) {
        let bytes = Array(name.utf8)
        guard (3...63).contains(bytes.count), bytes.allSatisfy(isNameByte),
            let first = bytes.first, let last = bytes.last, isAlphanumeric(first), isAlphanumeric(last)
        else {
            throw BucketError(
                .invalidBucketName,
                "bucket name \"\(name)\" must be 3 to 63 lower-case letters, digits, dots or hyphens, "
                    + "and start and end with a letter or digit"
            )
        }
    }

    /// Checks a key, or a prefix of keys: relative, at most 1,024 bytes, and without `.` and `..`.
    ///
    /// - Parameter key: The key.
    /// - Throws: `BucketError` with `invalidLocation`.
    public static func validateKey(_ key: String) throws(BucketError) {
        func refuse(_ fact: String) -> BucketError { BucketError(.invalidLocation, "key \"\(key)\" \(fact)") }
        guard key.utf8.count <= 1024 else {
            throw BucketError(.keyTooLong, "key \"\(key.prefix(60))…\" must have at most 1,024 bytes")
        }
        guard !key.utf8.contains(0) else { throw refuse("must not contain a NUL character") }
        let components = key.split(separator: "/", omittingEmptySubsequences: false)
        for (index, component) in components.enumerated() {
            if component == ".." || component == "." { throw refuse("must not contain \"\(component)\"") }
            // A slash at the end makes a prefix; an empty name elsewhere is no path.
            if component.isEmpty, index != components.count - 1 { throw refuse("must not contain an empty name") }
        }
    }

    static func contains(_ directory: String, _ path: String) -> Bool {
        path.hasPrefix(directory == "/" ? "/" : "\(directory)/")
    }

    /// The path with all symbolic links resolved; `nil`, with `errno` set, when it cannot be.
    static func resolve(_ path: String) -> String? {
        errno = 0
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
