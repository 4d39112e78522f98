internal import Glibc
internal import Synchronization

/// The exclusive use of a directory by one process, for as long as the value lives.
///
/// It is an advisory lock on the file `lock` in the directory, which holds the process id of the owner for people;
/// the system releases it when the process ends, however it ends.
public final class DirectoryLock: Sendable {
    private let descriptor: Int32
    private let isReleased = Atomic(false)

    /// Why a directory could not be locked.
    public enum Failure: Error, Sendable, Equatable {
        /// Another process has it; its id where it could be read.
        case heldByProcess(Int?)
        /// The lock file could not be made or written.
        case file(FileError)
    }

    /// Locks a directory, at once or not at all.
    ///
    /// - Parameter directory: The directory; it must exist.
    /// - Throws: `Failure.heldByProcess` when another process has it, `Failure.file` for any other fault.
    public init(_ directory: String) throws(Failure) {
        // What is thrown from here on releases what was opened: the value is whole once it has its descriptor.
        let path = "\(directory)/lock"
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .file(FileError("open", path)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            throw isHeld ? .heldByProcess(Self.owner(descriptor)) : .file(FileError("lock", path))
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, unsafe pwrite(descriptor, text, text.count, 0) == text.count else {
            throw .file(FileError("write", path))
        }
    }

    deinit { release() }

    /// Lets go of the directory, once; what still refers to the lock then holds nothing.
    public func release() {
        guard !isReleased.exchange(true, ordering: .relaxed) else { return }
        // Unlocked by name: a child process that is just being made may share the descriptor for a moment.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func owner(_ descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = unsafe pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes[..<count], as: UTF8.self).filter(\.isNumber))
    }
}
