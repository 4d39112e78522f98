internal import Kernels

/// What items are like: for each item code the categories and words it has, and its numbers.
public struct ItemFeatures: Sendable, Equatable {
    /// A row an item, a column a feature, the values how much it counts.
    let rows: SparseMatrix
    /// The hash of each column's feature, ascending.
    private let hashes: [UInt64]
    /// The columns that are numbers.
    private let numbers: Set<UInt32>

    /// The number of different features.
    public var count: Int { hashes.count }
    /// Whether no item has any.
    public var isEmpty: Bool { rows.count == 0 }
    /// The number of item codes.
    public var itemCount: Int { rows.rowCount }

    /// One feature an item: the item itself.
    ///
    /// - Parameter itemCount: The number of item codes.
    /// - Returns: The features.
    static func identity(itemCount: Int) -> ItemFeatures {
        var builder = Builder(itemCount: itemCount)
        for item in 0..<UInt32(itemCount) { builder.add(hash: UInt64(item), to: item, weight: 1) }
        return builder.features()
    }

    /// The columns of an item's categories and words, ascending; none of an item beyond the last.
    func codes(of item: Int) -> [UInt32] {
        guard item < itemCount else { return [] }
        return rows.columns[rows.range(row: item)].filter { !numbers.contains($0) }
    }

    /// The features in so many columns at most.
    ///
    /// Each keeps its own column while they are few; many share hashed columns with a sign each, which keeps inner
    /// products right on average. [Weinberger, Dasgupta, Langford, Smola, Attenberg: "Feature hashing for large scale
    /// multitask learning", 2009]
    ///
    /// - Parameter limit: The most columns; at least one.
    /// - Returns: A row an item; its columns ascend and differ.
    func vectors(columns limit: Int) -> SparseMatrix {
        guard hashes.count > max(1, limit) else { return rows }
        let random = CounterRandom(seed: 0, stream: 5)
        let targets = hashes.map { hash in
            let bits = random.bits(at: hash)
            return (column: UInt32((bits >> 1) % UInt64(max(1, limit))), sign: bits & 1 == 1 ? -1 : 1 as Float)
        }
        var parts = (columns: [UInt32](), values: [Float]())
        for item in 0..<itemCount {
            let cells = rows.range(row: item).map { position in
                let target = targets[Int(rows.columns[position])]
                return (column: target.column, value: rows.values[position] * target.sign)
            }
            for cell in cells.stablySorted(by: { $0.column < $1.column }) {
                parts.columns.append(cell.column)
                parts.values.append(cell.value)
            }
        }
        return SparseMatrix(
            columnCount: max(1, limit),
            sortedOffsets: rows.offsets,
            columns: parts.columns,
            values: parts.values
        )
        .summingDuplicates()
    }

    /// Features as they are gathered.
    public struct Builder: Sendable {
        private let itemCount: Int
        private var items: [UInt32] = []
        private var hashes: [UInt64] = []
        private var weights: [Float] = []
        private var numbers: Set<UInt64> = []

        /// No features yet.
        ///
        /// - Parameter itemCount: The number of item codes.
        public init(itemCount: Int) { self.itemCount = itemCount }

        /// Adds a category of an item, or a word of its text.
        ///
        /// - Parameters:
        ///   - value: The category or the word.
        ///   - field: The column of the items' table that it comes from: equal values of two fields differ.
        ///   - item: The item's code; beyond the last it is ignored.
        ///   - weight: How much it counts.
        public mutating func add(_ value: some StringProtocol, field: String, to item: UInt32, weight: Float = 1) {
            add(hash: Self.hash(field.utf8, 0xFF, value.utf8), to: item, weight: weight)
        }

        /// Adds a number of an item, such as its relevance for a tag.
        ///
        /// Numbers count where items are vectors, not where they are told by what they have.
        ///
        /// - Parameters:
        ///   - number: The number; one that is not finite is ignored.
        ///   - field: The column of the items' table that it comes from.
        ///   - item: The item's code; beyond the last it is ignored.
        public mutating func add(_ number: Float, field: String, to item: UInt32) {
            // No string holds the byte 0xFE or 0xFF, so no category is hashed from the bytes of a number.
            let hash = Self.hash(field.utf8, 0xFE, "".utf8)
            numbers.insert(hash)
            add(hash: hash, to: item, weight: number)
        }

        /// FNV-1a, 64 bits, over what names a feature.
        private static func hash(_ field: String.UTF8View, _ mark: UInt8, _ value: some Sequence<UInt8>) -> UInt64 {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in field { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
            hash = (hash ^ UInt64(mark)) &* 0x0000_0100_0000_01b3
            for byte in value { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
            return hash
        }

        fileprivate mutating func add(hash: UInt64, to item: UInt32, weight: Float) {
            guard Int(item) < itemCount, weight.isFinite, weight != 0 else { return }
            items.append(item)
            hashes.append(hash)
            weights.append(weight)
        }

        /// The features gathered so far; the order in which they came does not matter.
        public func features() -> ItemFeatures {
            let distinct = Set(hashes).sorted()
            let columns = Dictionary(uniqueKeysWithValues: zip(distinct, UInt32(0)...))
            var cells: [(item: UInt32, column: UInt32, weight: Float)] = []
            cells.reserveCapacity(items.count)
            for (position, hash) in hashes.enumerated() {
                guard let column = columns[hash] else { continue }
                cells.append((items[position], column, weights[position]))
            }
            // Floats are summed in one order, whatever order they came in.
            cells.sort { ($0.item, $0.column, $0.weight) < ($1.item, $1.column, $1.weight) }
            var offsets = [Int](repeating: 0, count: itemCount + 1)
            for cell in cells { offsets[Int(cell.item) + 1] += 1 }
            for item in 0..<itemCount { offsets[item + 1] += offsets[item] }
            let rows = SparseMatrix(
                columnCount: max(1, distinct.count),
                sortedOffsets: offsets,
                columns: cells.map(\.column),
                values: cells.map(\.weight)
            )
            return ItemFeatures(
                rows: rows.summingDuplicates(),
                hashes: distinct,
                numbers: Set(numbers.compactMap { columns[$0] })
            )
        }
    }

    private init(rows: SparseMatrix, hashes: [UInt64], numbers: Set<UInt32>) {
        self.rows = rows
        self.hashes = hashes
        self.numbers = numbers
    }
}
