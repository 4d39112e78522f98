internal import DurableFiles
internal import Glibc

extension Bucket {
    /// Removes an object and the folders above it that are empty then; it is no fault when there is none.
    ///
    /// - Parameter key: The object's key.
    /// - Throws: `BucketError` as `delete(_:)`.
    public func deleteWithFolders(_ key: String) throws(BucketError) {
        // A folder is no object.
        guard try object(key) != nil else { return }
        try delete(key)
        let root = try resolvedRoot()
        var folders = key.split(separator: "/").dropLast()
        while !folders.isEmpty, unsafe rmdir("\(root)/\(folders.joined(separator: "/"))") == 0 {
            _ = folders.popLast()
        }
    }

    /// Removes what an earlier process left of objects and parts in the making, and uploads that began before a date.
    ///
    /// - Parameter seconds: The date, in seconds since 1970.
    /// - Throws: `BucketError` with `file`.
    public func removeLeftovers(uploadsBefore seconds: Int) throws(BucketError) {
        guard let directory = try? resolvedRoot() else { return }
        var folders = [""]
        while let folder = folders.popLast() {
            let path = folder.isEmpty ? directory : "\(directory)/\(folder.dropLast())"
            try Self.removeLeftovers(in: path)
            folders += entries(in: folder, of: directory).folders
        }
        try removeEndedUploads()
        for upload in try uploads() {
            if upload.initiatedSeconds < seconds {
                try abort(upload)
            } else {
                try Self.removeLeftovers(in: uploadFolder(upload.id, in: directory))
            }
        }
    }

    private static func removeLeftovers(in path: String) throws(BucketError) {
        do {
            try AtomicFile.removeLeftovers(in: path)
        } catch  where error.isMissing || error.code == EACCES {
            return
        } catch {
            throw .file(error)
        }
    }
}
