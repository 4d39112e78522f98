internal import CZip
internal import Glibc

/// A zip file that was refused.
struct ArchiveError: Error, Equatable, CustomStringConvertible {
    let description: String
}

/// Takes zip files from strangers apart.
struct CodeArchive {
    /// What an archive may hold at most.
    struct Limits {
        var zippedBytes = 50 << 20
        var unzippedBytes = 250 << 20
        var entries = 20_000
    }

    var limits = Limits()

    /// Unpacks an archive into an empty folder.
    ///
    /// - Parameters:
    ///   - bytes: The archive.
    ///   - folder: Where to; it must exist and be empty. After an error it holds a part.
    /// - Throws: `ArchiveError` when it is no archive, is too large, or has an entry that would leave the folder or is
    ///   neither file nor folder.
    func unpack(_ bytes: [UInt8], into folder: String) throws(ArchiveError) {
        guard bytes.count <= limits.zippedBytes else {
            throw ArchiveError(
                description: "the archive has \(bytes.count) bytes, at most \(limits.zippedBytes) may be"
            )
        }
        let result = unsafe bytes.withUnsafeBytes { buffer -> Result<Void, ArchiveError> in
            do throws(ArchiveError) {
                try unsafe unpack(buffer, into: folder)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private func unpack(_ buffer: UnsafeRawBufferPointer, into folder: String) throws(ArchiveError) {
        var fault = unsafe zip_error_t()
        guard let source = unsafe zip_source_buffer_create(buffer.baseAddress, UInt64(buffer.count), 0, &fault) else {
            throw ArchiveError(description: "the archive cannot be read")
        }
        guard let archive = unsafe zip_open_from_source(source, Int32(ZIP_RDONLY), &fault) else {
            unsafe zip_source_free(source)
            throw ArchiveError(description: "this is not a zip archive: \(unsafe Self.text(&fault))")
        }
        defer { unsafe zip_discard(archive) }
        let count = unsafe zip_get_num_entries(archive, 0)
        guard count > 0 else { throw ArchiveError(description: "the archive is empty") }
        guard count <= limits.entries else {
            throw ArchiveError(description: "the archive has \(count) entries, at most \(limits.entries) may be")
        }
        var rest = limits.unzippedBytes
        for index in 0..<UInt64(count) {
            rest -= try unsafe ArchiveEntry(archive, index).write(into: folder, atMost: rest)
        }
    }

    private static func text(_ fault: inout zip_error_t) -> String {
        unsafe zip_error_strerror(&fault).map { unsafe String(cString: $0) } ?? "unknown fault"
    }
}

/// One file or folder of an archive.
@unsafe private struct ArchiveEntry {
    let archive: OpaquePointer
    let index: UInt64
    let name: String
    let declaredSize: UInt64
    /// Type and rights as Unix has them; 0 where the archive says nothing.
    let mode: UInt32

    init(_ archive: OpaquePointer, _ index: UInt64) throws(ArchiveError) {
        var status = unsafe zip_stat_t()
        // Names as they are: nothing is read into bytes that are no text.
        guard unsafe zip_stat_index(archive, index, UInt32(ZIP_FL_ENC_RAW), &status) == 0, let text = unsafe status.name
        else {
            throw ArchiveError(description: "entry \(index) of the archive cannot be read")
        }
        let name = unsafe String(cString: text)
        if unsafe status.valid & UInt64(ZIP_STAT_ENCRYPTION_METHOD) != 0, unsafe status.encryption_method != 0 {
            throw ArchiveError(description: "\"\(name)\" in the archive is encrypted; code must be readable")
        }
        unsafe self.archive = archive
        unsafe self.index = index
        unsafe self.name = name
        unsafe declaredSize = status.size
        unsafe mode = Self.mode(archive, index)
    }

    private static func mode(_ archive: OpaquePointer, _ index: UInt64) -> UInt32 {
        var (system, attributes) = (UInt8(0), UInt32(0))
        guard unsafe zip_file_get_external_attributes(archive, index, 0, &system, &attributes) == 0 else { return 0 }
        return system == UInt8(ZIP_OPSYS_UNIX) ? attributes >> 16 : 0
    }

    /// - Returns: How many bytes it has.
    func write(into folder: String, atMost limit: Int) throws(ArchiveError) -> Int {
        let parts = try unsafe checkedParts()
        let isFolder = unsafe name.hasSuffix("/")
        var path = folder
        for part in isFolder ? parts[...] : parts.dropLast() {
            path += "/\(part)"
            guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw unsafe fault("cannot be made") }
        }
        guard !isFolder, let file = parts.last else { return 0 }
        guard unsafe declaredSize <= UInt64(limit) else { throw unsafe Self.tooLarge }
        return try unsafe copy(to: "\(path)/\(file)", atMost: limit)
    }

    /// The parts of the path, none of which leads upwards, and none of which is a link of the archive's own.
    private func checkedParts() throws(ArchiveError) -> [Substring] {
        let kind = unsafe mode & UInt32(S_IFMT)
        guard kind == 0 || kind == UInt32(S_IFREG) || kind == UInt32(S_IFDIR) else {
            let what = kind == UInt32(S_IFLNK) ? "a symbolic link" : "neither file nor folder"
            throw unsafe fault("is \(what); only files and folders may be")
        }
        guard unsafe !name.hasPrefix("/"), unsafe !name.contains("\\"), unsafe name.utf8.count <= 1_024 else {
            throw unsafe fault("must be a relative path of at most 1,024 bytes, with \"/\" between its parts")
        }
        let parts = unsafe name.split(separator: "/", omittingEmptySubsequences: true)
        let isSafe = parts.allSatisfy { part in
            part != ".." && part != "." && part.utf8.count <= 255 && part.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
        }
        guard isSafe, !parts.isEmpty else { throw unsafe fault("must not lead out of its folder") }
        return parts
    }

    private func copy(to path: String, atMost limit: Int) throws(ArchiveError) -> Int {
        guard let input = unsafe zip_fopen_index(archive, index, 0) else { throw unsafe fault("cannot be read") }
        defer { _ = unsafe zip_fclose(input) }
        let rights = mode_t(unsafe mode & 0o111 == 0 ? 0o644 : 0o755)
        let output = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, rights)
        guard output >= 0 else { throw unsafe fault("is there twice") }
        defer { close(output) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var count = 0
        while true {
            let read = unsafe Int(zip_fread(input, &buffer, UInt64(buffer.count)))
            guard read >= 0 else { throw unsafe fault("is damaged") }
            guard read > 0 else { return count }
            count += read
            // What an entry says of its own size is not to be relied on.
            guard count <= limit else { throw unsafe Self.tooLarge }
            guard unsafe Glibc.write(output, buffer, read) == read else { throw unsafe fault("cannot be written") }
        }
    }

    private func fault(_ fact: String) -> ArchiveError {
        ArchiveError(description: "\"\(unsafe name.prefix(200))\" in the archive \(fact)")
    }

    private static var tooLarge: ArchiveError {
        ArchiveError(description: "Unzipped size must be smaller than 262144000 bytes")
    }
}
