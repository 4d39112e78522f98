internal import DurableFiles
internal import Glibc

/// An object in the making: written aside piece by piece, then put in place whole; dropped, it leaves nothing.
///
/// ```swift
/// var object = try bucket.begin("films/items.csv", attributes: attributes)
/// for try await bytes in body { try object.write(bytes) }
/// try object.commit(ContentMark(entityTag: tag))
/// ```
public struct IncomingObject: ~Copyable {
    private let location: String
    private var file: AtomicFile

    init(_ file: consuming AtomicFile, location: String) {
        self.file = file
        self.location = location
    }

    /// Appends bytes.
    ///
    /// - Parameter bytes: What to append.
    /// - Throws: `BucketError` with `file`.
    public mutating func write(_ bytes: [UInt8]) throws(BucketError) {
        do {
            try file.write(bytes)
        } catch {
            throw .file(error)
        }
    }

    /// Syncs the content and puts it in place of what was there.
    ///
    /// - Parameter mark: What is known of the content.
    /// - Throws: `BucketError` with `invalidLocation` where a folder has the name, or `file`.
    public consuming func commit(_ mark: ContentMark? = nil) throws(BucketError) {
        if let mark { file.withDescriptor { mark.write(to: $0) } }
        let location = location
        do {
            try file.commit()
        } catch {
            throw Bucket.refusal(of: error, at: location)
        }
    }
}

extension Bucket {
    /// Begins an object.
    ///
    /// - Parameters:
    ///   - key: The object's key; folders are made as needed.
    ///   - attributes: What is kept beside the content.
    /// - Returns: The object, empty and aside.
    /// - Throws: `BucketError` with `invalidLocation`, `noSuchBucket`, `symbolicLinkRefused`, `attributesRefused` or
    ///   `file`.
    public func begin(_ key: String, attributes: ObjectAttributes = ObjectAttributes()) throws(BucketError)
        -> IncomingObject
    {
        let file = try newFile(at: key)
        try file.withDescriptor { (descriptor) throws(BucketError) in
            try attributes.write(to: descriptor, of: location(of: key))
        }
        return IncomingObject(file, location: location(of: key))
    }

    private func newFile(at key: String) throws(BucketError) -> AtomicFile {
        var attempts = 0
        while true {
            let path = try writablePath(of: key)
            attempts += 1
            do throws(FileError) {
                return try AtomicFile(at: path)
            } catch {
                // Somebody may have removed the folder that was empty until now.
                guard error.isMissing, attempts < 8 else { throw Self.refusal(of: error, at: location(of: key)) }
            }
        }
    }

    /// What a fault of the file system says of a key.
    static func refusal(of error: FileError, at location: String) -> BucketError {
        switch error.code {
        case EISDIR, ENOTEMPTY:
            BucketError(.invalidLocation, "\(location) is a folder with objects in it; use another key")
        case ENOTDIR, EEXIST:
            BucketError(.invalidLocation, "\(location) lies below an object as if that were a folder; use another key")
        case ENAMETOOLONG:
            BucketError(.keyTooLong, "\(location) has a name of more than 255 bytes between slashes; use a shorter one")
        default: .file(error)
        }
    }
}
