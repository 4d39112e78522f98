internal import DurableFiles
internal import Glibc
internal import Synchronization

/// The buckets of a service: those of its settings, and those made since, which are directories below its home.
///
/// The directories are the truth: a bucket that was made is there again at the next start.
public final class Buckets: Sendable {
    /// A change of which buckets there are.
    public enum Change: Sendable {
        case added(Bucket)
        case removed(Bucket)
    }

    private struct State {
        var buckets: [Bucket]
        var listeners: [AsyncStream<Change>.Continuation] = []
    }

    private let configured: Set<String>
    private let directory: String?
    private let state: Mutex<State>

    /// Buckets of the settings and what was made below a directory.
    ///
    /// - Parameters:
    ///   - configured: The buckets of the settings.
    ///   - directory: Where new buckets are made; `nil` where none can be.
    /// - Throws: `BucketError` with `file` when the directory cannot be listed.
    public init(_ configured: [Bucket], newIn directory: String?) throws(BucketError) {
        self.configured = Set(configured.map(\.name))
        self.directory = directory
        var buckets = configured
        if let directory {
            for name in try Self.names(in: directory).sorted() where !self.configured.contains(name) {
                if let bucket = try? Bucket(name: name, root: "\(directory)/\(name)") { buckets.append(bucket) }
            }
        }
        state = Mutex(State(buckets: buckets))
    }

    /// Buckets that stay as they are.
    public init(_ buckets: [Bucket]) {
        configured = Set(buckets.map(\.name))
        directory = nil
        state = Mutex(State(buckets: buckets))
    }

    /// All buckets there are, those of the settings first.
    public var all: [Bucket] { state.withLock(\.buckets) }

    /// The bucket of a name.
    ///
    /// - Parameter name: The name.
    /// - Returns: The bucket.
    /// - Throws: `BucketError` with `noSuchBucket`.
    public func bucket(named name: String) throws(BucketError) -> Bucket {
        let all = all
        guard let bucket = all.first(where: { $0.name == name }) else {
            let known = all.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw BucketError(.noSuchBucket, "bucket \"\(name)\" does not exist; the buckets here are \(known)")
        }
        return bucket
    }

    /// Makes a bucket.
    ///
    /// - Parameter name: Its name.
    /// - Returns: The bucket.
    /// - Throws: `BucketError` with `invalidBucketName`, `bucketExists` or `file`.
    @discardableResult
    public func create(_ name: String) throws(BucketError) -> Bucket {
        try Bucket.validateName(name)
        guard let directory else {
            throw BucketError(.invalidBucketName, "bucket \"\(name)\" cannot be made here")
        }
        let bucket = try Bucket(name: name, root: "\(directory)/\(name)")
        let result = state.withLock { state -> Result<Void, BucketError> in
            guard !state.buckets.contains(where: { $0.name == name }) else {
                return .failure(BucketError(.bucketExists, "bucket \"\(name)\" is there already"))
            }
            do throws(FileError) {
                try DirectoryListing.create(bucket.root)
            } catch {
                return .failure(.file(error))
            }
            state.buckets.append(bucket)
            for listener in state.listeners { listener.yield(.added(bucket)) }
            return .success(())
        }
        try result.get()
        return bucket
    }

    /// Deletes a bucket that was made here and is empty.
    ///
    /// - Parameter name: Its name.
    /// - Throws: `BucketError` with `noSuchBucket`, `bucketIsConfigured`, `bucketNotEmpty` or `file`.
    public func delete(_ name: String) throws(BucketError) {
        let bucket = try bucket(named: name)
        guard !configured.contains(name) else {
            throw BucketError(
                .bucketIsConfigured,
                "bucket \"\(name)\" is the directory \"\(bucket.root)\" of the settings; take it out of them instead"
            )
        }
        let result = state.withLock { state -> Result<Void, BucketError> in
            do throws(BucketError) {
                try bucket.removeDirectory()
            } catch {
                return .failure(error)
            }
            state.buckets.removeAll { $0.name == name }
            for listener in state.listeners { listener.yield(.removed(bucket)) }
            return .success(())
        }
        try result.get()
    }

    /// The buckets there are, each as added, and then each change.
    public func changes() -> AsyncStream<Change> {
        let (stream, listener) = AsyncStream.makeStream(of: Change.self)
        state.withLock { state in
            for bucket in state.buckets { listener.yield(.added(bucket)) }
            state.listeners.append(listener)
        }
        return stream
    }

    private static func names(in directory: String) throws(BucketError) -> [String] {
        do {
            return try DirectoryListing.names(in: directory)
        } catch  where error.isMissing {
            return []
        } catch {
            throw .file(error)
        }
    }
}

extension Bucket {
    /// Removes the bucket's directory, unless there is anything in it but unfinished uploads and empty folders.
    fileprivate func removeDirectory() throws(BucketError) {
        guard try list().objects.isEmpty else {
            throw BucketError(.bucketNotEmpty, "bucket \"\(name)\" holds objects; delete them first")
        }
        for upload in try uploads() { try abort(upload) }
        try removeEmptyFolders(below: root)
        guard unsafe rmdir(root) == 0 || errno == ENOENT else {
            guard errno == ENOTEMPTY || errno == EEXIST else {
                throw .file(FileError("remove", root, code: errno))
            }
            throw BucketError(
                .bucketNotEmpty,
                "bucket \"\(name)\" holds files that are no objects, such as dotfiles, in \"\(root)\"; remove them"
            )
        }
    }

    private func removeEmptyFolders(below path: String) throws(BucketError) {
        for name in (try? DirectoryListing.names(in: path)) ?? [] {
            let inner = "\(path)/\(name)"
            var status = stat()
            guard unsafe lstat(inner, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
            try removeEmptyFolders(below: inner)
            _ = unsafe rmdir(inner)
        }
    }
}
