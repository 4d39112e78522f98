import Glibc
import Kernels
import Recommenders
import Testing

/// Model files that are not what was written.
@Suite struct ModelDamageTests {
    /// A file whose bytes are changed in place.
    private final class PatchedFile {
        private let file: TemporaryFile
        var path: String { file.path }
        private let descriptor: Int32

        init(_ bytes: [UInt8]) throws {
            file = try TemporaryFile(bytes)
            descriptor = unsafe open(file.path, O_WRONLY)
            try #require(descriptor >= 0)
        }

        deinit { close(descriptor) }

        func write(_ byte: UInt8, at offset: Int) {
            var byte = byte
            #expect(unsafe pwrite(descriptor, &byte, 1, offset) == 1)
        }

        /// Writes the checksum of the rest where a model file has it.
        func seal(_ checksum: UInt64) {
            var checksum = checksum.littleEndian
            #expect(unsafe pwrite(descriptor, &checksum, 8, 24) == 8)
        }

        func cut(to length: Int) { #expect(ftruncate(descriptor, length) == 0) }

        /// Whether the file is refused as one that holds no model.
        var isRefused: Bool {
            do {
                _ = try TrainedModel(path: path)
                return false
            } catch {
                return (error as? RecommenderError)?.code == .invalidModel
            }
        }
    }

    /// The most bytes that are changed one by one; of longer files some thousands, evenly spread.
    private static let most = 8192

    private func model(_ recipe: Recipe) throws -> [UInt8] {
        var data = try Samples.groups(users: 12, items: 10)
        var features = ItemFeatures.Builder(itemCount: 10)
        for item in 0..<UInt32(10) { features.add("\(item % 3)", field: "GENRE", to: item) }
        data.itemFeatures = features.features()
        return try recipe.configuration(hyperparameters: recipe.brisk)
            .fit(data, context: TrainingContext(threads: 1, seed: 2))
            .encoded()
    }

    /// All positions of a short file; of a long one those of its beginning and its end, and of the rest one in so many.
    private func positions(_ count: Int) -> [Int] {
        guard count > Self.most else { return Array(0..<count) }
        let step = (count - 1024) / (Self.most - 1024) + 1
        return Array(0..<512) + stride(from: 512, to: count - 512, by: step) + Array(count - 512..<count)
    }

    @Test(arguments: Recipe.ofItems)
    func `a file with any one byte changed is refused`(recipe: Recipe) throws {
        let bytes = try model(recipe)
        let file = try PatchedFile(bytes)
        #expect(!file.isRefused)
        for position in positions(bytes.count) {
            for change in [UInt8(1) << UInt8(position % 8), 0xFF, bytes[position]] where change != 0 {
                file.write(bytes[position] ^ change, at: position)
                #expect(file.isRefused, "byte \(position) of \(bytes.count) changed by \(change)")
            }
            file.write(bytes[position], at: position)
        }
        #expect(!file.isRefused)
    }

    @Test(arguments: Recipe.ofItems)
    func `a file of any other length is refused`(recipe: Recipe) throws {
        let bytes = try model(recipe)
        let file = try PatchedFile(bytes)
        for length in [bytes.count + 1, bytes.count + 4096] + positions(bytes.count).reversed() {
            file.cut(to: length)
            #expect(file.isRefused, "\(length) of \(bytes.count) bytes")
        }
        for (position, byte) in bytes.enumerated() { file.write(byte, at: position) }
        #expect(!file.isRefused)
    }

    @Test(arguments: Recipe.ofItems)
    func `a file that contradicts itself under a right checksum is refused, or answers`(recipe: Recipe) throws {
        let bytes = try model(recipe)
        let random = CounterRandom(seed: 9, stream: 1)
        let queries = [
            Query(user: 3), Query(user: 11, count: 3), Query(history: [1, 6, 9]), Query(item: 4),
            Query(user: 2, candidates: [9, 3, 4000, 7]), Query(user: .max),
        ]
        let file = try PatchedFile(bytes)
        var changed = bytes
        for position in positions(bytes.count) where position >= 32 {
            changed[position] ^= UInt8(truncatingIfNeeded: random.bits(at: UInt64(position)))
            file.write(changed[position], at: position)
            file.seal(Checksum.of(changed, from: 32))
            do {
                let answers = try TrainedModel(path: file.path).recommend(queries, threads: 1)
                #expect(answers.count == queries.count)
            } catch let error as RecommenderError {
                #expect(error.code == .invalidModel)
            }
            changed[position] = bytes[position]
            file.write(bytes[position], at: position)
        }
    }
}
