internal import Kernels

/// The layout of a model file: a header of 64 bytes, a table of sections, and sections of numbers.
///
/// | bytes | what |
/// | --- | --- |
/// | 0 ..< 8 | `MILLMODL` |
/// | 8 ..< 12 | version of the format, 1 |
/// | 12 ..< 16 | kind of model |
/// | 16 ..< 24 | length of the file |
/// | 24 ..< 32 | checksum of all bytes from 32 on |
/// | 32 ..< 40 | number of sections |
/// | 40 ..< 44 | kind of model once more, so that the checksum covers it; 0 in older files |
/// | 64 … | for each section its offset and its length in bytes |
///
/// All numbers are little-endian; each section begins on a multiple of 64 bytes, so that it can be read in place.
enum ModelFile {
    static let magic = Array("MILLMODL".utf8)
    static let version: UInt32 = 1
    static let headerSize = 64

    /// The bytes of a file with sections.
    static func encode(kind: UInt32, sections: [[UInt8]]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: headerSize)
        var offset = aligned(headerSize + sections.count * 16)
        for section in sections {
            bytes += Self.bytes([UInt64(offset), UInt64(section.count)])
            offset = aligned(offset + section.count)
        }
        for section in sections {
            bytes += [UInt8](repeating: 0, count: aligned(bytes.count) - bytes.count)
            bytes += section
        }
        bytes.replaceSubrange(0..<8, with: magic)
        bytes.replaceSubrange(8..<16, with: Self.bytes([version, kind]))
        bytes.replaceSubrange(16..<24, with: Self.bytes([UInt64(bytes.count)]))
        bytes.replaceSubrange(32..<40, with: Self.bytes([UInt64(sections.count)]))
        bytes.replaceSubrange(40..<44, with: Self.bytes([kind]))
        bytes.replaceSubrange(24..<32, with: Self.bytes([Checksum.of(bytes, from: 32)]))
        return bytes
    }

    /// The bytes of numbers.
    static func bytes<Number: BitwiseCopyable & Sendable>(_ numbers: [Number]) -> [UInt8] {
        MappedArray(numbers).bytes
    }

    private static func aligned(_ offset: Int) -> Int { (offset + 63) / 64 * 64 }
}
