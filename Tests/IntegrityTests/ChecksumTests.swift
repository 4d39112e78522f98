import Testing

@testable import Integrity

@Suite struct ChecksumTests {
    /// The check values of the catalogue of parametrised CRC algorithms, and RFC 3174 and 6234.
    @Test(arguments: [
        (ChecksumAlgorithm.crc32, "cbf43926"), (.crc32c, "e3069283"), (.crc64nvme, "ae8b14860a799888"),
        (.sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        (.sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    ])
    func `123456789 has the checksum of the catalogue`(algorithm: ChecksumAlgorithm, expected: String) {
        var checksum = Checksum(algorithm)
        checksum.update(Array("123456789".utf8))
        #expect(Hexadecimal.text(of: checksum.bytes) == expected)
        #expect(checksum.bytes.count == algorithm.byteCount)
    }

    @Test(arguments: ChecksumAlgorithm.allCases)
    func `pieces of any size give the checksum of the whole`(algorithm: ChecksumAlgorithm) {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 13) }
        var whole = Checksum(algorithm)
        whole.update(bytes)
        for size in [1, 3, 7, 8, 9, 64, 999] {
            var pieces = Checksum(algorithm)
            for start in stride(from: 0, to: bytes.count, by: size) {
                pieces.update(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(pieces.bytes == whole.bytes, "pieces of \(size)")
        }
    }

    @Test(arguments: [ChecksumAlgorithm.crc32, .crc32c, .crc64nvme])
    func `checks of two pieces are put together to that of both`(algorithm: ChecksumAlgorithm) {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) }
        for cut in [0, 1, 255, 4096, 4999, 5000] {
            var (first, second, whole) = (Checksum(algorithm), Checksum(algorithm), Checksum(algorithm))
            first.update(Array(bytes[..<cut]))
            second.update(Array(bytes[cut...]))
            whole.update(bytes)
            let both = ChecksumCombination.combine(first.bytes, second.bytes, count: 5000 - cut, algorithm)
            #expect(both == whole.bytes, "cut at \(cut)")
        }
    }

    @Test func `nothing has the checksum of nothing`() {
        #expect(Checksum(.crc32).text == "AAAAAA==")
        #expect(Hexadecimal.text(of: MD5().bytes) == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(BodyHash().text == PayloadHash.empty)
    }
}
