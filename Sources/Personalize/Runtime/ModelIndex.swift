internal import DurableFiles
internal import Kernels
internal import Recommenders

/// What serving needs beside a model: the ids of users and items, and what each user had done before the training.
///
/// | bytes | what |
/// | --- | --- |
/// | 0 ..< 8 | `MILLINDX` |
/// | 8 ..< 16 | version of the format, 1 |
/// | 16 ..< 24 | when the newest event happened |
/// | 24 ..< 32 | 1 when met items are left out of what is recommended to a user |
/// | 32 … | the ids of users, the ids of items, where each user's items begin, the items |
struct ModelIndex: Sendable {
    /// The users; those who were deleted since the training are hidden.
    private(set) var users: IDTable
    let items: IDTable
    let lastTimestamp: Int64
    let excludesMetItems: Bool
    private let offsets: MappedArray<UInt64>
    private let history: MappedArray<UInt32>

    private static let magic = Array("MILLINDX".utf8)
    private static let version: Int64 = 1

    /// Opens an index file.
    init(path: String) throws {
        let file = try MappedFile(path: path)
        let magic = try MappedArray<UInt8>(file, offset: 0, count: 8)
        let header = try MappedArray<Int64>(file, offset: 8, count: 3)
        guard Array(magic) == Self.magic, header[0] == Self.version else { throw Self.damaged(path) }
        lastTimestamp = header[1]
        excludesMetItems = header[2] == 1
        var offset = 32
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
        var file = try AtomicFile(at: path)
        try file.write(magic)
        try file.write(bytes([version, data.lastTimestamp, excludesMetItems ? 1 : 0]))
        try file.write(IDTable.encoded(data.users))
        try file.write(IDTable.encoded(data.items))
        try file.write(bytes(data.interactions.offsets.map(Int64.init)))
        try file.write(bytes(data.interactions.items))
        try file.commit()
    }

    private static func bytes<Number: FixedWidthInteger & BitwiseCopyable>(_ numbers: [Number]) -> [UInt8] {
        unsafe numbers.map(\.littleEndian).withUnsafeBytes { unsafe Array($0) }
    }

    private static func damaged(_ path: String) -> KernelError {
        KernelError(.invalidRange, "\"\(path)\" is damaged; train the solution version again")
    }
}
