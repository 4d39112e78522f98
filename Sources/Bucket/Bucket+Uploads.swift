internal import DurableFiles
internal import Glibc

/// Uploads in parts: a hidden folder for each, with a file a part, named by its number and what is in it.
extension Bucket {
    private static let uploadsFolder = ".multipart-uploads"
    private static let manifest = "upload"

    /// Begins an upload.
    ///
    /// - Parameter upload: What it is to become; its id must be new, of letters, digits and hyphens.
    /// - Throws: `BucketError` with `invalidLocation`, `noSuchBucket`, `symbolicLinkRefused` or `file`.
    public func create(_ upload: MultipartUpload) throws(BucketError) {
        _ = try writablePath(of: upload.key)
        let folder = uploadFolder(upload.id, in: try resolvedRoot())
        do {
            try DirectoryListing.create(folder)
            try AtomicFile.write(upload.text, to: "\(folder)/\(Self.manifest)")
        } catch {
            throw .file(error)
        }
    }

    /// An upload that was begun and neither completed nor aborted.
    ///
    /// - Parameters:
    ///   - id: Its id.
    ///   - key: The key it was begun for.
    /// - Returns: The upload.
    /// - Throws: `BucketError` with `noSuchBucket` or `noSuchUpload`.
    public func upload(_ id: String, for key: String) throws(BucketError) -> MultipartUpload {
        guard let upload = readUpload(id, in: try resolvedRoot()), upload.key == key else { throw Self.noUpload(id) }
        return upload
    }

    /// All uploads that were begun, by key and then by when.
    ///
    /// - Returns: The uploads.
    /// - Throws: `BucketError` with `noSuchBucket`.
    public func uploads() throws(BucketError) -> [MultipartUpload] {
        let root = try resolvedRoot()
        let names = (try? DirectoryListing.names(in: "\(root)/\(Self.uploadsFolder)")) ?? []
        return names.compactMap { readUpload($0, in: root) }
            .sorted { ($0.key, $0.initiatedSeconds, $0.id) < ($1.key, $1.initiatedSeconds, $1.id) }
    }

    /// Begins a part.
    ///
    /// - Parameters:
    ///   - number: 1 to 10,000.
    ///   - upload: The upload.
    /// - Returns: The part, empty and aside.
    /// - Throws: `BucketError` with `noSuchUpload` or `file`.
    public func beginPart(_ number: Int, of upload: MultipartUpload) throws(BucketError) -> IncomingPart {
        do throws(BucketError) {
            return try IncomingPart(number, in: uploadFolder(upload.id, in: resolvedRoot()))
        } catch {
            if case .file(let fault) = error.code, fault.isMissing { throw Self.noUpload(upload.id) }
            throw error
        }
    }

    /// The parts that are there, by number.
    ///
    /// - Parameter upload: The upload.
    /// - Returns: The parts.
    /// - Throws: `BucketError` with `noSuchUpload`.
    public func parts(of upload: MultipartUpload) throws(BucketError) -> [UploadPart] {
        let folder = uploadFolder(upload.id, in: try resolvedRoot())
        let names: [String]
        do {
            names = try DirectoryListing.names(in: folder)
        } catch {
            throw Self.noUpload(upload.id)
        }
        var parts: [Int: UploadPart] = [:]
        for name in names {
            guard let file = try ObjectFile(key: name, path: "\(folder)/\(name)"),
                let part = UploadPart(
                    name: name,
                    size: file.object.size,
                    modifiedNanoseconds: file.object.modifiedNanoseconds
                )
            else { continue }
            // A crash between a part and the removal of the one before it leaves both.
            if let other = parts[part.number], other.modifiedNanoseconds > part.modifiedNanoseconds { continue }
            parts[part.number] = part
        }
        return parts.values.sorted { $0.number < $1.number }
    }

    /// Puts the parts together as the object, and ends the upload.
    ///
    /// - Parameters:
    ///   - upload: The upload.
    ///   - parts: Which parts, in their order.
    ///   - mark: What is known of the content; it should name the upload.
    /// - Throws: `BucketError` with `invalidPart`, `invalidLocation`, `attributesRefused` or `file`.
    public func complete(
        _ upload: MultipartUpload,
        with parts: [UploadPart],
        mark: ContentMark
    ) async throws(BucketError) {
        let folder = uploadFolder(upload.id, in: try resolvedRoot())
        var object = try begin(upload.key, attributes: upload.attributes)
        for part in parts {
            guard let file = try ObjectFile(key: part.name, path: "\(folder)/\(part.name)") else {
                throw BucketError(.invalidPart, "part \(part.number) of upload \"\(upload.id)\" is not there any more")
            }
            try file.forEachChunk { (chunk) throws(BucketError) in try object.write(Array(chunk)) }
            // A large object takes seconds, and others wait for this thread.
            await Task.yield()
        }
        try object.commit(mark)
        try abort(upload)
    }

    /// Ends an upload and removes its parts.
    ///
    /// - Parameter upload: The upload.
    /// - Throws: `BucketError` with `noSuchBucket`.
    public func abort(_ upload: MultipartUpload) throws(BucketError) {
        let root = try resolvedRoot()
        let folder = uploadFolder(upload.id, in: root)
        // Without its manifest an upload is none; so what a crash leaves from here on is no upload.
        Self.remove("\(folder)/\(Self.manifest)")
        for name in (try? DirectoryListing.names(in: folder)) ?? [] { Self.remove("\(folder)/\(name)") }
        _ = unsafe rmdir(folder)
        _ = unsafe rmdir("\(root)/\(Self.uploadsFolder)")
    }

    /// Removes folders of uploads that have no manifest.
    func removeEndedUploads() throws(BucketError) {
        let root = try resolvedRoot()
        for id in (try? DirectoryListing.names(in: "\(root)/\(Self.uploadsFolder)")) ?? []
        where readUpload(id, in: root) == nil {
            let folder = uploadFolder(id, in: root)
            for name in (try? DirectoryListing.names(in: folder)) ?? [] { Self.remove("\(folder)/\(name)") }
            _ = unsafe rmdir(folder)
        }
        _ = unsafe rmdir("\(root)/\(Self.uploadsFolder)")
    }

    func uploadFolder(_ id: String, in root: String) -> String { "\(root)/\(Self.uploadsFolder)/\(id)" }

    static func remove(_ path: String) { _ = unsafe unlink(path) }

    private func readUpload(_ id: String, in root: String) -> MultipartUpload? {
        // An id comes from a client: nothing of a path may be in it.
        guard !id.isEmpty, id.utf8.count <= 64,
            id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        else { return nil }
        let path = "\(uploadFolder(id, in: root))/\(Self.manifest)"
        guard let file = try? ObjectFile(key: Self.manifest, path: path) else { return nil }
        var text: [UInt8] = []
        try? file.forEachChunk { text += $0 }
        return MultipartUpload(id: id, text: text)
    }

    private static func noUpload(_ id: String) -> BucketError {
        BucketError(
            .noSuchUpload,
            "upload \"\(id)\" does not exist; it may have been completed or aborted"
        )
    }
}
