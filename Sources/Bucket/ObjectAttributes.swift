internal import CInotifyTools
internal import DurableFiles
internal import Glibc

/// What is kept beside an object's content: its content type, metadata and their kin, by name.
///
/// They live in an extended attribute of the file, so they come and go with it; a copy made by a program that does not
/// copy extended attributes has none.
public struct ObjectAttributes: Sendable, Hashable {
    /// The names and values; neither may contain a NUL character.
    public var values: [String: String]

    private static let name = "user.millrace.object"
    /// As much as every usual file system keeps beside a file.
    private static let maximumSize = 3584

    /// Attributes of some names.
    public init(_ values: [String: String] = [:]) {
        self.values = values
    }

    /// Reads those of a file; none where the file system keeps none.
    init(of descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: Self.maximumSize)
        let count = unsafe fgetxattr(descriptor, Self.name, &buffer, buffer.count)
        values = [:]
        guard count > 0 else { return }
        let texts = buffer[..<count].split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        for index in stride(from: 0, to: texts.count - 1, by: 2) { values[texts[index]] = texts[index + 1] }
    }

    /// Gives them to a file.
    ///
    /// - Parameters:
    ///   - descriptor: The file, open for writing.
    ///   - location: The object, for the error.
    /// - Throws: `BucketError` with `attributesRefused`.
    func write(to descriptor: Int32, of location: String) throws(BucketError) {
        guard !values.isEmpty else { return }
        let pairs = values.sorted { $0.key < $1.key }
        let bytes = Array(pairs.map { "\($0.key)\0\($0.value)" }.joined(separator: "\0").utf8)
        guard bytes.count <= Self.maximumSize else {
            throw BucketError(
                .attributesRefused,
                "\(location) has \(bytes.count) bytes of metadata and may have \(Self.maximumSize); shorten it"
            )
        }
        guard unsafe fsetxattr(descriptor, Self.name, bytes, bytes.count, 0) == 0 else {
            throw BucketError(
                .attributesRefused,
                "\(location) cannot have metadata: the file system keeps no extended attributes; leave the metadata out"
            )
        }
    }
}
