internal import DurableFiles

/// The program in which Python handlers run, which the service carries with it.
enum BootstrapFile {
    static func write(into folder: String) throws(FileError) {
        try AtomicFile.write(PackageResources.bootstrap_py, to: "\(folder)/bootstrap.py")
    }
}
