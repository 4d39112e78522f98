internal import DurableFiles
internal import JSON

/// A file of questions and where its answers go.
struct BatchFile: Sendable, Equatable {
    /// Where it lies.
    let path: String
    /// How many bytes it has.
    let length: Int
    /// Where the file of its answers is to appear.
    let output: String
}

/// What is done of a batch job, in a folder of its own, so that after a crash nothing finished is done again.
///
/// | file | what |
/// | --- | --- |
/// | `manifest` | which files are answered |
/// | `FILE-PART-OFFSET-EXPANDED-more` | answers of a part of a file, and where in the file the next part begins |
/// | `FILE-PART-OFFSET-EXPANDED-last` | the same of the last part of a file |
/// | `FILE-done` | the answers of a file are in place |
struct BatchFolder: Sendable {
    /// A finished part of a file.
    struct Part: Sendable {
        let name: String
        let number: Int
        let next: BatchPosition
        let isLast: Bool
    }

    let path: String

    /// Opens the folder for a job that answers some files; what was done of other files is forgotten.
    init(_ path: String, _ files: [BatchFile]) throws(FileError) {
        self.path = path
        try DirectoryListing.create(path)
        try AtomicFile.removeLeftovers(in: path)
        let manifest = Self.manifest(of: files)
        guard Self.read("\(path)/manifest") != manifest else { return }
        try Files.removeFolder(path)
        try DirectoryListing.create(path)
        try AtomicFile.write(manifest, to: "\(path)/manifest")
    }

    private static func manifest(of files: [BatchFile]) -> [UInt8] {
        JSON.array(files.map { [.string($0.path), JSON($0.length), .string($0.output)] }).utf8
    }

    private static func read(_ path: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        guard var reader = try? FileReader(path) else { return nil }
        let count = try? reader.read(appendingTo: &bytes, count: reader.length)
        return count == nil ? nil : bytes
    }

    // MARK: - Parts

    /// The finished parts of a file, in their order.
    func parts(of file: Int) throws(FileError) -> [Part] {
        let parts = try DirectoryListing.names(in: path).compactMap { Part($0, of: file) }
        return parts.sorted { $0.number < $1.number }
    }

    /// Begins a part; it counts once it is finished.
    func newPart() throws(FileError) -> AtomicFile { try AtomicFile(at: "\(path)/part") }

    /// Finishes a part.
    func finish(
        _ part: consuming AtomicFile,
        of file: Int,
        number: Int,
        next: BatchPosition,
        isLast: Bool
    ) throws(FileError) {
        let end = isLast ? "last" : "more"
        try part.commit(as: "\(file)-\(number)-\(next.offset)-\(next.expanded)-\(end)")
    }

    // MARK: - Whole files

    /// Whether the answers of a file are in place.
    func isDone(_ file: Int) -> Bool { (try? FileReader("\(path)/\(file)-done")) != nil }

    /// Puts the parts of a file together where its answers belong.
    func assemble(_ file: Int, to output: String) throws(FileError) {
        let parts = try parts(of: file)
        try AtomicFile.removeLeftovers(of: output)
        var whole = try AtomicFile(at: output)
        for part in parts { try Self.append("\(path)/\(part.name)", to: &whole) }
        try whole.commit()
        try AtomicFile.write([], to: "\(path)/\(file)-done")
        for part in parts { try Files.remove("\(path)/\(part.name)") }
    }

    private static func append(_ path: String, to file: inout AtomicFile) throws(FileError) {
        var reader = try FileReader(path)
        var block: [UInt8] = []
        while try reader.read(appendingTo: &block, count: 1 << 20) > 0 {
            try file.write(block)
            block.removeAll(keepingCapacity: true)
        }
    }
}

extension BatchFolder.Part {
    /// Reads the name of a part of a file; `nil` when it is that of something else.
    fileprivate init?(_ name: String, of file: Int) {
        let words = name.split(separator: "-")
        guard words.count == 5, Int(words[0]) == file, let number = Int(words[1]), let offset = Int(words[2]),
            let expanded = Int(words[3])
        else { return nil }
        self.init(
            name: name,
            number: number,
            next: BatchPosition(offset: offset, expanded: expanded),
            isLast: words[4] == "last"
        )
    }
}
