internal import Kernels

/// The ids of users or items, sorted by their bytes: the position of an id is its code in a model.
///
/// In a file it is a count, where each id begins, and the bytes of all; it is read in place.
struct IDTable: Sendable {
    let count: Int
    private let offsets: MappedArray<UInt64>
    private let bytes: MappedArray<UInt8>
    /// The codes of ids that are not to be found any more.
    private(set) var hidden: Set<UInt32> = []

    /// A table at an offset of a file.
    ///
    /// - Returns: The table, and where the file goes on, by way of `end`.
    init(_ file: MappedFile, at offset: Int, end: inout Int) throws(KernelError) {
        let header = try MappedArray<UInt64>(file, offset: offset, count: 1)
        count = Int(truncatingIfNeeded: header[0] & UInt64(Int32.max))
        offsets = try MappedArray<UInt64>(file, offset: offset + 8, count: count + 1)
        let length = Int(truncatingIfNeeded: offsets[count] & UInt64(Int64.max))
        let start = offset + 8 * (count + 2)
        bytes = try MappedArray<UInt8>(file, offset: start, count: length)
        end = start + (length + 7) / 8 * 8
        var last: UInt64 = 0
        for position in 0...count {
            guard offsets[position] >= last else { throw Self.damaged(file) }
            last = offsets[position]
        }
    }

    /// The bytes of a table of ids, which must be sorted and distinct; a multiple of eight long.
    static func encoded(_ ids: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ value: UInt64) {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
        append(UInt64(ids.count))
        var offset: UInt64 = 0
        append(offset)
        for id in ids {
            offset += UInt64(id.utf8.count)
            append(offset)
        }
        for id in ids { bytes.append(contentsOf: id.utf8) }
        while bytes.count % 8 != 0 { bytes.append(0) }
        return bytes
    }

    /// The id of a code.
    subscript(code: UInt32) -> String {
        let range = Int(offsets[Int(code)])..<Int(offsets[Int(code) + 1])
        return unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0[range], as: UTF8.self) }
    }

    /// Lends the bytes of a code's id.
    func withBytes(of code: UInt32, _ body: (Span<UInt8>) -> Void) {
        let range = Int(offsets[Int(code)])..<Int(offsets[Int(code) + 1])
        unsafe bytes.withUnsafeBufferPointer { all in body(unsafe all.span.extracting(range)) }
    }

    /// Lets ids be found no more.
    mutating func hide(_ ids: StringDictionary) {
        for code in 0..<UInt32(ids.count) {
            if let own = position(of: ids[code]) { hidden.insert(own) }
        }
    }

    /// Whether any of some ids can be found.
    func knowsAny(of ids: StringDictionary) -> Bool {
        (0..<UInt32(ids.count)).contains { code(of: ids[$0]) != nil }
    }

    /// The code of an id; `nil` when there is none or it is hidden.
    func code(of id: String) -> UInt32? {
        guard let code = position(of: id), !hidden.contains(code) else { return nil }
        return code
    }

    private func position(of id: String) -> UInt32? {
        var id = id
        return id.withUTF8 { wanted in
            unsafe offsets.withUnsafeBufferPointer { offsets in
                unsafe bytes.withUnsafeBufferPointer { bytes in
                    unsafe Self.position(of: wanted.span, offsets.span, bytes.span)
                }
            }
        }
    }

    private static func position(of wanted: Span<UInt8>, _ offsets: Span<UInt64>, _ bytes: Span<UInt8>) -> UInt32? {
        var (low, high) = (0, offsets.count - 1)
        while low < high {
            let middle = (low + high) / 2
            let order = compare(bytes.extracting(Int(offsets[middle])..<Int(offsets[middle + 1])), with: wanted)
            if order == 0 { return UInt32(middle) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// Negative when an id comes before the wanted one, zero when it is the same.
    private static func compare(_ id: Span<UInt8>, with wanted: Span<UInt8>) -> Int {
        for index in 0..<min(id.count, wanted.count) {
            let difference = Int(id[index]) - Int(wanted[index])
            if difference != 0 { return difference }
        }
        return id.count - wanted.count
    }

    private static func damaged(_ file: MappedFile) -> KernelError {
        KernelError(.invalidRange, "\"\(file.path)\" is damaged; train the solution version again")
    }
}
