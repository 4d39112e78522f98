internal import Glibc

/// A file seen as memory, read only; its pages are shared with the system's cache and cost nothing until touched.
///
/// The file must not shrink while it is mapped: Millrace maps only files that are written once and renamed into place.
@safe
public final class MappedFile: Sendable {
    /// The path it was opened by.
    public let path: String
    /// Its length in bytes.
    public let count: Int
    nonisolated(unsafe) let base: UnsafeRawPointer?

    /// Maps a whole file.
    ///
    /// - Parameter path: The file's path.
    /// - Throws: `KernelError` with `unreadableFile` when it cannot be opened, measured or mapped.
    public init(path: String) throws(KernelError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("open", path) }
        defer { close(descriptor) }
        let length = lseek(descriptor, 0, SEEK_END)
        guard length >= 0 else { throw Self.failure("measure", path) }
        self.path = path
        count = Int(length)
        guard length > 0 else {
            unsafe base = nil
            return
        }
        let address = unsafe mmap(nil, Int(length), PROT_READ, MAP_SHARED, descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else { throw Self.failure("map", path) }
        unsafe base = UnsafeRawPointer(address)
    }

    deinit {
        guard let base = unsafe base else { return }
        _ = unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
    }

    /// Calls a closure with the bytes of the file.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    private static func failure(_ operation: String, _ path: String) -> KernelError {
        let number = errno
        let fact = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        return KernelError(.unreadableFile, "cannot \(operation) \"\(path)\": \(fact)")
    }
}
