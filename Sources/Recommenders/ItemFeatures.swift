internal import Kernels

/// What items are like: for each item code a sparse row of features.
///
/// Categories and words become columns of their own while there are few, and share hashed columns with a sign each when
/// there are many, which keeps inner products right on average.
/// [Weinberger, Dasgupta, Langford, Smola, Attenberg: "Feature hashing for large scale multitask learning", 2009]
public struct ItemFeatures: Sendable, Equatable {
    /// A row an item, a column a feature.
    let rows: SparseMatrix

    /// The number of columns.
    public var columns: Int { rows.columnCount }
    /// The number of item codes.
    public var itemCount: Int { rows.rowCount }

    init(rows: SparseMatrix) { self.rows = rows }

    /// One feature an item: the item itself.
    ///
    /// - Parameters:
    ///   - itemCount: The number of item codes.
    ///   - columns: The most columns.
    /// - Returns: The features.
    static func identity(itemCount: Int, columns: Int) -> ItemFeatures {
        var builder = Builder(itemCount: itemCount, columns: columns)
        for item in 0..<UInt32(itemCount) { builder.add(feature: UInt64(item), to: item, value: 1) }
        return builder.features()
    }

    /// Features as they are gathered.
    public struct Builder: Sendable {
        private let itemCount: Int
        private let limit: Int
        private var items: [UInt32] = []
        private var hashes: [UInt64] = []
        private var values: [Float] = []

        /// No features yet.
        ///
        /// - Parameters:
        ///   - itemCount: The number of item codes.
        ///   - columns: The most columns there will be, 512 by default.
        public init(itemCount: Int, columns: Int = 512) {
            self.itemCount = itemCount
            limit = max(1, columns)
        }

        /// Adds a category of an item, or a word of its text.
        ///
        /// - Parameters:
        ///   - value: The category or the word.
        ///   - field: The column of the items' table that it comes from: equal values of two fields differ.
        ///   - item: The item's code; beyond the last it is ignored.
        ///   - weight: How much it counts.
        public mutating func add(_ value: some StringProtocol, field: String, to item: UInt32, weight: Float = 1) {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in field.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
            hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01b3
            for byte in value.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
            add(feature: hash, to: item, value: weight)
        }

        /// Adds a number of an item, such as its relevance for a tag.
        ///
        /// - Parameters:
        ///   - number: The number; one that is not finite is ignored.
        ///   - field: The column of the items' table that it comes from.
        ///   - item: The item's code; beyond the last it is ignored.
        public mutating func add(_ number: Float, field: String, to item: UInt32) {
            add("", field: field, to: item, weight: number)
        }

        fileprivate mutating func add(feature: UInt64, to item: UInt32, value: Float) {
            guard Int(item) < itemCount, value.isFinite, value != 0 else { return }
            items.append(item)
            hashes.append(feature)
            values.append(value)
        }

        /// The features gathered so far; the order in which they came does not matter.
        public func features() -> ItemFeatures {
            let distinct = Set(hashes).sorted()
            let isHashed = distinct.count > limit
            let columnCount = isHashed ? limit : max(1, distinct.count)
            let ranks = isHashed ? [:] : Dictionary(uniqueKeysWithValues: zip(distinct, UInt32(0)...))
            let random = CounterRandom(seed: 0, stream: 5)
            var cells: [(item: UInt32, column: UInt32, feature: UInt64, value: Float)] = []
            cells.reserveCapacity(items.count)
            for index in items.indices {
                let bits = random.bits(at: hashes[index])
                let column = ranks[hashes[index]] ?? UInt32((bits >> 1) % UInt64(columnCount))
                let sign: Float = isHashed && bits & 1 == 1 ? -1 : 1
                cells.append((items[index], column, hashes[index], values[index] * sign))
            }
            cells.sort { ($0.item, $0.column, $0.feature, $0.value) < ($1.item, $1.column, $1.feature, $1.value) }
            var offsets = [Int](repeating: 0, count: itemCount + 1)
            for cell in cells { offsets[Int(cell.item) + 1] += 1 }
            for item in 0..<itemCount { offsets[item + 1] += offsets[item] }
            let rows = SparseMatrix(
                columnCount: columnCount,
                sortedOffsets: offsets,
                columns: cells.map(\.column),
                values: cells.map(\.value)
            )
            return ItemFeatures(rows: rows.summingDuplicates())
        }
    }
}
