internal import Kernels

/// The distinct strings of a column, in the order in which they first occur; a string's position is its code.
///
/// All of it stays in the file: a lookup touches a page or two.
struct StringDictionary: Sendable {
    private let offsets: MappedArray<UInt64>
    private let bytes: MappedArray<UInt8>
    /// A hash table of codes plus one; see `DictionaryBuilder.index`.
    private let index: MappedArray<UInt32>

    init(offsets: MappedArray<UInt64>, bytes: MappedArray<UInt8>, index: MappedArray<UInt32>) {
        self.offsets = offsets
        self.bytes = bytes
        self.index = index
    }

    /// How many strings there are.
    var count: Int { offsets.count - 1 }

    /// All strings, in the order of their codes.
    var strings: [String] { (0..<UInt32(count)).map { self[$0] } }

    /// The string of a code.
    subscript(code: UInt32) -> String {
        unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0[range(of: code)], as: UTF8.self) }
    }

    /// Lends the bytes of a code's string.
    func withBytes<Result>(of code: UInt32, _ body: (Span<UInt8>) -> Result) -> Result {
        unsafe bytes.withUnsafeBufferPointer { all in body(unsafe all.span.extracting(range(of: code))) }
    }

    /// The code of a string's bytes; `nil` when no record has it.
    func code(of wanted: Span<UInt8>) -> UInt32? { code(of: wanted, hash: ByteScanning.hash(wanted)) }

    /// The code of a string; `nil` when no record has it.
    func code(of string: String) -> UInt32? {
        var string = string
        return string.withUTF8 { utf8 in
            code(of: unsafe utf8.span)
        }
    }

    private func code(of wanted: Span<UInt8>, hash: UInt64) -> UInt32? {
        let mask = index.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        for _ in 0..<index.count {
            guard index[slot] != 0 else { return nil }
            let code = index[slot] - 1
            if isEntry(code, equalTo: wanted) { return code }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private func isEntry(_ code: UInt32, equalTo wanted: Span<UInt8>) -> Bool {
        unsafe bytes.withUnsafeBufferPointer { all in
            let entry = unsafe all.span.extracting(range(of: code))
            return ByteScanning.areEqual(entry, wanted)
        }
    }

    private func range(of code: UInt32) -> Range<Int> {
        Int(offsets[Int(code)])..<Int(offsets[Int(code) + 1])
    }
}
