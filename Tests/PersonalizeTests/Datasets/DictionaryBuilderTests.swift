import Testing

@testable import Personalize

@Suite struct DictionaryBuilderTests {
    private func code(_ text: String, in dictionary: inout DictionaryBuilder) -> UInt32 {
        let bytes = Array(text.utf8)
        return dictionary.code(of: bytes.span)
    }

    private func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { ByteScanning.areEqual(left.span, right.span) }
    private func isASCII(_ bytes: [UInt8]) -> Bool { ByteScanning.isASCII(bytes.span) }
    private func contains(_ byte: UInt8, _ bytes: [UInt8]) -> Bool { ByteScanning.contains(byte, bytes.span) }
    private func hash(_ bytes: [UInt8]) -> UInt64 { ByteScanning.hash(bytes.span) }

    @Test func `codes count up in the order of first sight`() {
        var dictionary = DictionaryBuilder()
        let words = (0..<10_000).map { "w\($0 * 7919 % 3000)" }
        var expected: [String: UInt32] = [:]
        for word in words {
            let wanted = expected[word] ?? UInt32(expected.count)
            expected[word] = wanted
            #expect(code(word, in: &dictionary) == wanted)
        }
        #expect(dictionary.count == expected.count)
        #expect(dictionary.index().count >= 2 * dictionary.count)
    }

    @Test func `entries of another dictionary get codes of this one`() {
        var one = DictionaryBuilder()
        var two = DictionaryBuilder()
        for word in ["a", "b", "c"] { _ = code(word, in: &one) }
        for word in ["c", "", "a", "é"] { _ = code(word, in: &two) }
        #expect(one.codes(ofEntriesOf: two) == [2, 3, 0, 4])
        #expect(one.count == 5)
    }

    @Test(arguments: 0...40)
    func `bytes are compared and scanned whatever their number`(count: Int) {
        let bytes = (0..<count).map { UInt8($0 * 3 % 120) + 1 }
        #expect(isASCII(bytes))
        #expect(isEqual(bytes, bytes + []))
        #expect(!contains(0, bytes))
        for position in 0..<count {
            var other = bytes
            other[position] = 0x80
            #expect(!isASCII(other))
            #expect(contains(0x80, other))
            #expect(!isEqual(bytes, other))
            #expect(hash(bytes) != hash(other))
        }
    }

    @Test func `the hash is the one that snapshots were written with`() {
        #expect(hash(Array("".utf8)) == 0)
        #expect(hash(Array("user-1".utf8)) == 15_374_478_304_548_376_400)
        #expect(hash(Array("a longer identifier".utf8)) == 3_952_465_344_560_363_271)
    }
}
