import FoundationEssentials
import Kernels
import Testing

@Suite struct MappedArrayTests {
    /// A file that is removed with the value.
    final class File {
        let path = "\(FileManager.default.temporaryDirectory.path)/kernels-\(UUID().uuidString)"
        init(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test func `numbers of a file are read in place`() throws {
        let file = try File(MappedArray<UInt32>([1, 2, 3, 4, .max]).bytes)
        let mapped = try MappedFile(path: file.path)
        let array = try MappedArray<UInt32>(mapped, offset: 4, count: 4)
        #expect(Array(array) == [2, 3, 4, .max])
        #expect(array == MappedArray([2, 3, 4, .max]))
        #expect(array[3] == .max)
        #expect(array.reversed().first == .max)
        #expect(mapped.count == 20)
    }

    @Test func `an array outlives the file's name and the file value`() throws {
        func open() throws -> MappedArray<Int64> {
            let file = try File(MappedArray<Int64>([5, 6]).bytes)
            return try MappedArray(MappedFile(path: file.path), offset: 0, count: 2)
        }
        #expect(Array(try open()) == [5, 6])
    }

    @Test func `writing to a file's numbers writes to a copy`() throws {
        let file = try File(MappedArray<Int64>([5, 6]).bytes)
        let original = try MappedArray<Int64>(MappedFile(path: file.path), offset: 0, count: 2)
        var changed = original
        unsafe changed.withUnsafeMutableBufferPointer { unsafe $0[0] = 7 }
        #expect(Array(changed) == [7, 6])
        #expect(Array(original) == [5, 6])
    }

    @Test(arguments: [(0, 6), (1, 1), (20, 1), (-4, 1), (0, -1), (24, 0), (0, Int.max)])
    func `a range beyond the file or unaligned is refused`(offset: Int, count: Int) throws {
        let file = try File([UInt8](repeating: 0, count: 20))
        let mapped = try MappedFile(path: file.path)
        #expect(throws: KernelError.self) { try MappedArray<UInt32>(mapped, offset: offset, count: count) }
    }

    @Test func `an empty file holds no numbers`() throws {
        let file = try File([])
        let mapped = try MappedFile(path: file.path)
        #expect(mapped.count == 0)
        #expect(try MappedArray<UInt32>(mapped, offset: 0, count: 0).isEmpty)
    }

    @Test func `a file that is not there is an error with its path`() {
        let error = #expect(throws: KernelError.self) { try MappedFile(path: "/nowhere/at-all") }
        #expect(error?.message == "cannot open \"/nowhere/at-all\": No such file or directory")
        #expect(error?.code == .unreadableFile)
    }

    @Test func `a checksum differs with any byte and is the same in memory and in a file`() throws {
        for count in [0, 1, 31, 32, 33, 100] {
            let bytes = (0..<count).map { UInt8($0) }
            let file = try File(bytes)
            #expect(Checksum.of(bytes) == Checksum.of(try MappedFile(path: file.path)))
            for index in 0..<count {
                var changed = bytes
                changed[index] ^= 0x10
                #expect(Checksum.of(changed) != Checksum.of(bytes))
            }
            #expect(Checksum.of(bytes + [0]) != Checksum.of(bytes))
        }
    }
}
