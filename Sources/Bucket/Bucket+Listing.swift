internal import DurableFiles
internal import Glibc

/// What a listing found.
public struct BucketListing: Sendable {
    /// The objects, ordered by key.
    public var objects: [BucketObject] = []
    /// What was passed over and should not be in a bucket: symbolic links that are not followed, folders that
    /// cannot be read.
    public var refusals: [BucketError] = []
}

extension Bucket {
    /// The objects whose key starts with a prefix.
    ///
    /// - Parameter prefix: The start of the keys; a folder's ends with a slash. Empty for the whole bucket.
    /// - Returns: The objects, and what was refused on the way; empty when there is no such folder.
    /// - Throws: `BucketError` with `invalidLocation`, `noSuchBucket` or `file`.
    public func list(prefix: String = "") throws(BucketError) -> BucketListing {
        try Self.validateKey(prefix)
        let directory = try resolvedRoot()
        var listing = BucketListing()
        let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
        var folders = [folder]
        while let folder = folders.popLast() {
            let entries = entries(in: folder, of: directory)
            listing.refusals += entries.refusals
            listing.objects += entries.objects.filter { $0.key.hasPrefix(prefix) }
            folders += entries.folders.filter { $0.hasPrefix(prefix) || prefix.hasPrefix($0) }
        }
        listing.objects.sort { $0.key < $1.key }
        return listing
    }

    /// One object as the listing shows it.
    ///
    /// - Parameter key: The object's key.
    /// - Returns: The object, or `nil` when there is none.
    /// - Throws: `BucketError` with `invalidLocation`, `noSuchBucket`, `symbolicLinkRefused` or `file`.
    public func object(_ key: String) throws(BucketError) -> BucketObject? {
        do {
            return try open(key).object
        } catch  where error.code == .noSuchKey {
            return nil
        }
    }

    /// What is directly in a folder.
    struct Entries {
        var objects: [BucketObject] = []
        var folders: [String] = []
        var refusals: [BucketError] = []
    }

    /// Lists one folder, a key that ends with a slash or is empty; one that is gone is empty.
    func entries(in folder: String, of directory: String) -> Entries {
        var entries = Entries()
        let path = folder.isEmpty ? directory : "\(directory)/\(folder.dropLast())"
        do throws(FileError) {
            for name in try DirectoryListing.names(in: path) where !ObjectName.isIgnored(name) {
                add(folder + name, at: "\(path)/\(name)", of: directory, to: &entries)
            }
        } catch  where error.isMissing || error.code == ENOTDIR {
            return entries
        } catch {
            entries.refusals.append(.file(error))
        }
        return entries
    }

    private func add(_ key: String, at path: String, of directory: String, to entries: inout Entries) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        switch status.st_mode & S_IFMT {
        case S_IFREG: entries.objects.append(BucketObject(key: key, status: status))
        case S_IFDIR: entries.folders.append("\(key)/")
        case S_IFLNK: addLink(key, at: path, of: directory, to: &entries)
        default: break
        }
    }

    private func addLink(_ key: String, at path: String, of directory: String, to entries: inout Entries) {
        var status = stat()
        guard let target = Self.resolve(path), unsafe stat(target, &status) == 0 else { return }
        let isInside = Self.contains(directory, target)
        guard isInside, status.st_mode & S_IFMT == S_IFREG else {
            let fact = isInside ? "links to a folder" : "leads out of the bucket"
            let remedy = "put the files themselves into the bucket"
            let text = "\(location(of: key)) \(fact), to \"\(target)\", and is not followed; \(remedy)"
            entries.refusals.append(BucketError(.symbolicLinkRefused, text))
            return
        }
        entries.objects.append(BucketObject(key: key, status: status))
    }
}
