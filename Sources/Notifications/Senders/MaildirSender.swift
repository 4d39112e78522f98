internal import DurableFiles
internal import FoundationEssentials
internal import Glibc

/// Puts mails into a Maildir: written in `tmp`, synced, then renamed into `new`.
///
/// The name holds the delivery's id, so a mail that is sent again after a crash does not lie there twice, even when
/// its reader has moved it to `cur` meanwhile.
struct MaildirSender {
    let path: String

    /// Puts a mail there, and answers where it lies.
    @discardableResult
    func send(_ mail: Mail) throws(SendingError) -> String {
        let name = "\(Int(mail.createdAt.timeIntervalSince1970)).\(mail.id).millrace"
        do {
            for folder in ["tmp", "new", "cur"] { try DirectoryListing.create("\(path)/\(folder)") }
            if try !isThere(name) { try write(mail.text, name) }
            return "lies in \(path)/new/\(name)"
        } catch {
            throw SendingError("mail spool: \(error)")
        }
    }

    private func isThere(_ name: String) throws(FileError) -> Bool {
        for folder in ["new", "cur"] {
            let names = try DirectoryListing.names(in: "\(path)/\(folder)")
            if names.contains(where: { $0 == name || $0.hasPrefix("\(name):") }) { return true }
        }
        return false
    }

    private func write(_ text: String, _ name: String) throws(FileError) {
        let temporary = "\(path)/tmp/\(name)"
        // What a crash has left there is of no use.
        _ = unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("create", temporary, code: errno) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw removing(temporary, FileError("write", temporary, code: errno))
            }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0, unsafe rename(temporary, "\(path)/new/\(name)") == 0 else {
            throw removing(temporary, FileError("write", temporary, code: errno))
        }
        try AtomicFile.syncDirectory("\(path)/new")
    }

    private func removing(_ temporary: String, _ error: FileError) -> FileError {
        _ = unsafe unlink(temporary)
        return error
    }
}
