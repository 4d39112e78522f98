internal import Glibc

/// The directory that this process works in.
enum CurrentDirectory {
    static var path: String {
        guard let name = unsafe getcwd(nil, 0) else { return "." }
        defer { unsafe free(name) }
        return unsafe String(cString: name)
    }
}
