/// Gives each distinct run of bytes a code: 0, 1, 2 … in the order in which they are first seen.
///
/// An open-addressing table of codes over one arena of bytes; entries are never removed.
struct DictionaryBuilder: Sendable {
    /// The bytes of all entries, one after another.
    private(set) var bytes: [UInt8] = []
    /// Where each entry begins in `bytes`, and where the last one ends.
    private(set) var offsets: [Int] = [0]
    private var hashes: [UInt64] = []
    /// The upper half of the hash and, in the lower half, the code plus one; or zero; the length is a power of two.
    private var table = [UInt64](repeating: 0, count: 64)

    /// How many entries there are.
    var count: Int { hashes.count }

    /// The code that stands for "no value" in a column.
    static let null = UInt32.max

    /// The code of an entry, which is added if it is new.
    mutating func code(of entry: Span<UInt8>) -> UInt32 {
        code(of: entry, hash: ByteScanning.hash(entry))
    }

    /// The code of each entry of another dictionary, which are added where they are new.
    mutating func codes(ofEntriesOf other: DictionaryBuilder) -> [UInt32] {
        let source = other.bytes.span
        var codes: [UInt32] = []
        codes.reserveCapacity(other.count)
        for code in 0..<other.count {
            let entry = source.extracting(other.offsets[code]..<other.offsets[code + 1])
            codes.append(self.code(of: entry, hash: other.hashes[code]))
        }
        return codes
    }

    private mutating func code(of entry: Span<UInt8>, hash: UInt64) -> UInt32 {
        let mask = table.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while table[slot] != 0 {
            if (table[slot] ^ hash) >> 32 == 0 {
                let code = UInt32(truncatingIfNeeded: table[slot]) - 1
                if isEntry(Int(code), equalTo: entry) { return code }
            }
            slot = (slot + 1) & mask
        }
        return add(entry, hash, at: slot)
    }

    private func isEntry(_ code: Int, equalTo entry: Span<UInt8>) -> Bool {
        ByteScanning.areEqual(bytes.span.extracting(offsets[code]..<offsets[code + 1]), entry)
    }

    private mutating func add(_ entry: Span<UInt8>, _ hash: UInt64, at slot: Int) -> UInt32 {
        precondition(count < Int(DictionaryBuilder.null) - 1, "a column holds more than four thousand million strings")
        let code = UInt32(count)
        unsafe entry.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        offsets.append(bytes.count)
        hashes.append(hash)
        table[slot] = Self.slot(hash, code)
        if count * 2 > table.count { grow() }
        return code
    }

    private mutating func grow() {
        let mask = table.count * 2 - 1
        table = [UInt64](repeating: 0, count: mask + 1)
        for (code, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while table[slot] != 0 { slot = (slot + 1) & mask }
            table[slot] = Self.slot(hash, UInt32(code))
        }
    }

    private static func slot(_ hash: UInt64, _ code: UInt32) -> UInt64 {
        hash & ~0xffff_ffff | UInt64(code + 1)
    }

    /// A table for lookups that depends on the entries alone, at most half full: a code plus one, or zero.
    func index() -> [UInt32] {
        var capacity = 64
        while capacity < count * 2 { capacity *= 2 }
        var table = [UInt32](repeating: 0, count: capacity)
        for (code, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (capacity - 1)
            while table[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
            table[slot] = UInt32(code) + 1
        }
        return table
    }
}
