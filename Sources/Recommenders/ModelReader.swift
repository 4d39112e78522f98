internal import Kernels

/// The sections of a model file that has been checked whole.
struct ModelReader {
    let kind: UInt32
    private let file: MappedFile
    private let sections: [(offset: Int, length: Int)]

    /// Checks a file: its header, its length, its checksum and its table of sections.
    init(_ file: MappedFile) throws(RecommenderError) {
        self.file = file
        do throws(KernelError) {
            guard file.count >= ModelFile.headerSize else { throw KernelError(.invalidRange, "") }
            let words = try MappedArray<UInt32>(file, offset: 0, count: 16)
            let longs = try MappedArray<UInt64>(file, offset: 0, count: 8)
            try Self.check(file, words: words, longs: longs)
            kind = words[3]
            let count = Int(clamping: longs[4])
            guard count < 1000 else { throw KernelError(.invalidRange, "") }
            let table = try MappedArray<UInt64>(file, offset: ModelFile.headerSize, count: 2 * count)
            sections = (0..<count).map { (Int(clamping: table[2 * $0]), Int(clamping: table[2 * $0 + 1])) }
        } catch {
            let fact = error.message.isEmpty ? "is no model file or is cut short" : error.message
            throw RecommenderError(.invalidModel, "model file \"\(file.path)\" \(fact); train the version again")
        }
    }

    private static func check(
        _ file: MappedFile,
        words: MappedArray<UInt32>,
        longs: MappedArray<UInt64>
    ) throws(KernelError) {
        guard ModelFile.bytes(Array(longs.prefix(1))) == ModelFile.magic else {
            throw KernelError(.invalidRange, "does not begin with \"MILLMODL\"")
        }
        guard words[2] == ModelFile.version else {
            throw KernelError(.invalidRange, "has format version \(words[2]), this program reads \(ModelFile.version)")
        }
        guard longs[2] == UInt64(file.count) else {
            throw KernelError(.invalidRange, "has \(file.count) bytes, its header says \(longs[2])")
        }
        guard longs[3] == Checksum.of(file, from: 32) else {
            throw KernelError(.invalidRange, "is damaged: its checksum does not agree with its contents")
        }
        guard words[10] == words[3] || words[10] == 0 else {
            throw KernelError(.invalidRange, "is damaged: it says it is of kind \(words[3]) and of kind \(words[10])")
        }
    }

    /// The number of sections.
    var sectionCount: Int { sections.count }

    /// The numbers of a section, in place.
    func section<Number>(
        _ index: Int,
        of type: Number.Type
    ) throws(RecommenderError) -> MappedArray<Number> {
        guard sections.indices.contains(index) else { throw invalid("has no section \(index)") }
        let (offset, length) = sections[index]
        do {
            return try MappedArray(file, offset: offset, count: length / MemoryLayout<Number>.stride)
        } catch {
            throw invalid("has a section beyond its end: \(error.message)")
        }
    }

    /// Throws unless the file holds a model of a kind.
    func expect(kind expected: ModelKind) throws(RecommenderError) {
        guard kind == expected.rawValue else {
            throw invalid("holds a model of kind \(kind), \(expected.rawValue) (\(expected)) is wanted")
        }
    }

    /// An error about the file.
    func invalid(_ fact: String) -> RecommenderError {
        RecommenderError(.invalidModel, "model file \"\(file.path)\" \(fact); train the version again")
    }
}

/// What a model file can hold; the raw values are those in the files.
enum ModelKind: UInt32 {
    case popularity = 1
    case itemSimilarity = 2
    case alternatingLeastSquares = 3
    case biasedFactorization = 16
    case nearestUsers = 17
    case recurrentNetwork = 82
    case trending = 96
    case nextBestAction = 97
}
