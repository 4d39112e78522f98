internal import DurableFiles
internal import Kernels
internal import Recommenders

/// What serving needs beside a model: the ids of users and items, and what each user had done before the training.
///
/// | bytes | what |
/// | --- | --- |
/// | 0 ..< 8 | `MILLINDX` |
/// | 8 ..< 16 | version of the format, 2 |
/// | 16 ..< 24 | checksum of all bytes from 24 on; missing in version 1, where the rest begins here |
/// | 24 ..< 32 | when the newest event happened |
/// | 32 ..< 40 | 1 when met items are left out of what is recommended to a user |
/// | 40 … | the ids of users, the ids of items, where each user's items begin, the items |
struct ModelIndex: Sendable {
    /// The users; those who were deleted since the training are hidden.
    private(set) var users: IDTable
    let items: IDTable
    let lastTimestamp: Int64
    let excludesMetItems: Bool
    private let offsets: MappedArray<UInt64>
    private let history: MappedArray<UInt32>

    private static let magic = Array("MILLINDX".utf8)
    private static let version: Int64 = 2

    /// Opens an index file.
    init(path: String) throws {
        let file = try MappedFile(path: path)
        let magic = try MappedArray<UInt8>(file, offset: 0, count: 8)
        let start = try MappedArray<Int64>(file, offset: 8, count: 2)
        guard Array(magic) == Self.magic, (1...Self.version).contains(start[0]) else { throw Self.damaged(path) }
        var offset = start[0] == 1 ? 16 : 24
        guard start[0] == 1 || UInt64(bitPattern: start[1]) == Checksum.of(file, from: offset) else {
            throw Self.damaged(path)
        }
        let header = try MappedArray<Int64>(file, offset: offset, count: 2)
        lastTimestamp = header[0]
        excludesMetItems = header[1] == 1
        offset += 16
        users = try IDTable(file, at: offset, end: &offset)
        items = try IDTable(file, at: offset, end: &offset)
        offsets = try MappedArray<UInt64>(file, offset: offset, count: users.count + 1)
        offset += (users.count + 1) * 8
        guard let count = Int(exactly: offsets[users.count]) else { throw Self.damaged(path) }
        history = try MappedArray<UInt32>(file, offset: offset, count: count)
        let itemCount = UInt32(items.count)
        let isSorted = zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }
        guard isSorted, history.allSatisfy({ $0 < itemCount }) else { throw Self.damaged(path) }
    }

    /// Lets users be unknown.
    mutating func hide(_ users: UserList) { self.users.hide(users.ids) }

    /// The items of a user's events before the training, oldest first.
    func history(user: UInt32) -> [UInt32] {
        let range = Int(offsets[Int(user)])..<Int(offsets[Int(user) + 1])
        return unsafe history.withUnsafeBufferPointer { unsafe Array($0[range]) }
    }

    /// Writes an index file.
    static func write(_ data: TrainingData, excludesMetItems: Bool, to path: String) throws {
        var content = bytes([data.lastTimestamp, excludesMetItems ? 1 : 0])
        content += IDTable.encoded(data.users)
        content += IDTable.encoded(data.items)
        content += bytes(data.interactions.offsets.map(Int64.init))
        content += bytes(data.interactions.items)
        var file = try AtomicFile(at: path)
        try file.write(magic)
        try file.write(bytes([version, Int64(bitPattern: Checksum.of(content))]))
        try file.write(content)
        try file.commit()
    }

    private static func bytes<Number: FixedWidthInteger & BitwiseCopyable>(_ numbers: [Number]) -> [UInt8] {
        unsafe numbers.map(\.littleEndian).withUnsafeBytes { unsafe Array($0) }
    }

    private static func damaged(_ path: String) -> KernelError {
        KernelError(.invalidRange, "\"\(path)\" is damaged; train the solution version again")
    }
}
