/// Finds for each item its nearest by the users both share and by what both are like, as far as each is known.
///
/// That n users met both items, of the m = rᵢ rⱼ there could be, is taken for n hits in m trials whose chance is unknown;
/// before any trial it is expected to be g c, c being the cosine of the items' contents. The nearness is the mean of the
/// chance after the trials, (n + s g c) / (m + s), with s the number of trials that the expectation is worth: items that
/// many have met are near by their users, items that nobody has met by their contents alone, without a threshold between.
/// [Robbins: "An empirical Bayes approach to statistics", 1956; Koren: "Factorization meets the neighborhood", 2008, for
/// similarities that are shrunk by the number of users they rest on]
public struct BlendedSimilarity: Sendable {
    private let itemsByUser: SparseMatrix
    private let usersByItem: SparseMatrix
    private let userWeights: [Float]
    private let roots: [Float]
    private let contents: SparseMatrix
    private let itemsByContent: SparseMatrix
    /// How many trials the expectation from contents is worth; more than zero.
    public var strength: Float = 1
    /// The nearness that is expected of items of equal content, from 0 to 1.
    public var expectation: Float = 1
    /// The most neighbours kept of an item.
    public var neighbours = 200

    /// What is known of items.
    ///
    /// - Parameters:
    ///   - usersByItem: A row an item, with each of its users once; the values do not matter.
    ///   - userWeights: How much each user counts, more than zero.
    ///   - roots: For each item r, such as the root of the weight of its users; zero or more.
    ///   - contents: A row an item, with values zero or more and of unit length; an empty row where nothing is known.
    public init(usersByItem: SparseMatrix, userWeights: [Float], roots: [Float], contents: SparseMatrix) {
        let itemCount = usersByItem.rowCount
        precondition(roots.count == itemCount && contents.rowCount == itemCount, "an item is not described")
        precondition(userWeights.count == usersByItem.columnCount, "a user has no weight")
        self.usersByItem = usersByItem
        self.userWeights = userWeights
        self.roots = roots
        self.contents = contents
        itemsByUser = usersByItem.transposed()
        itemsByContent = contents.transposed()
    }

    /// The neighbours of all items: a row an item, the nearest first, with their nearness.
    ///
    /// - Parameters:
    ///   - threads: The most threads to work at once.
    ///   - checkpoint: Called on any thread with each block of items; what it throws ends the work.
    /// - Returns: A matrix with a row and a column an item.
    /// - Throws: What `checkpoint` throws.
    public func nearest(
        threads: Int,
        checkpoint: @escaping @Sendable (Range<Int>) throws -> Void = { _ in }
    ) throws -> SparseMatrix {
        precondition(strength > 0, "an expectation must be worth something")
        let count = usersByItem.rowCount
        let blocks = try Parallel.mapBlocks(count: count, blockSize: count / 256 + 1, threads: threads) { block in
            try checkpoint(block)
            var common = Common(itemCount: count)
            var part = SparseMatrix.Part()
            for item in block {
                self.gather(item, into: &common)
                var best = TopK(capacity: self.neighbours)
                self.select(item, from: &common, into: &best)
                part.append(best.sorted(), factor: 1)
            }
            return part
        }
        return SparseMatrix(joining: blocks, columnCount: count)
    }

    /// The expectation that fits some items best, by least squares: how near items of equal content are by their users.
    ///
    /// - Parameter items: The items, in an order that matters to the last digit.
    /// - Returns: A number from 0 to 1; nil when no two of the items that are alike have users.
    public func fittedExpectation(of items: some Sequence<Int>) -> Float? {
        var common = Common(itemCount: usersByItem.rowCount)
        var (hits, trials) = (0.0, 0.0)
        for item in items where roots[item] > 0 && !contents.range(row: item).isEmpty {
            gather(item, into: &common)
            common.forEach { other, users, content in
                guard other != item, content > 0 else { return }
                hits += Double(users) * Double(content)
                trials += Double(roots[item] * roots[other]) * Double(content) * Double(content)
            }
        }
        return trials > 0 ? Float(min(hits / trials, 1)) : nil
    }

    private func gather(_ item: Int, into common: inout Common) {
        let users = usersByItem.range(row: item)
        let features = contents.range(row: item)
        let work =
            users.reduce(0) { $0 + itemsByUser.range(row: Int(usersByItem.columns[$1])).count }
            + features.reduce(0) { $0 + itemsByContent.range(row: Int(contents.columns[$1])).count }
        common.begin(isSparse: work < usersByItem.rowCount / 16)
        for position in users {
            let user = Int(usersByItem.columns[position])
            common.addUser(itemsByUser, row: user, weight: userWeights[user])
        }
        for position in features {
            common.addContent(itemsByContent, row: Int(contents.columns[position]), times: contents.values[position])
        }
    }

    private func select(_ item: Int, from common: inout Common, into best: inout TopK) {
        let root = roots[item]
        let factor = strength * expectation
        unsafe roots.withUnsafeBufferPointer { roots in
            common.forEach { other, users, content in
                let score = unsafe (users + factor * content) / (root * roots[other] + strength)
                if score > best.threshold, score > 0, other != item {
                    best.insert(UInt32(truncatingIfNeeded: other), score: score)
                }
            }
        }
    }
}

/// What one item has in common with all others.
private struct Common {
    private var users: [Float]
    private var contents: [Float]
    private var isMet: [Bool]
    private var touched: [UInt32] = []
    private var isSparse = false

    init(itemCount: Int) {
        users = [Float](repeating: 0, count: itemCount)
        contents = [Float](repeating: 0, count: itemCount)
        isMet = [Bool](repeating: false, count: itemCount)
    }

    /// Forgets the last item and begins with the next; where it meets few others, those are noted.
    mutating func begin(isSparse: Bool) {
        if self.isSparse {
            for item in touched { (users[Int(item)], contents[Int(item)], isMet[Int(item)]) = (0, 0, false) }
            touched.removeAll(keepingCapacity: true)
        } else {
            for item in users.indices { (users[item], contents[item]) = (0, 0) }
        }
        self.isSparse = isSparse
    }

    mutating func addUser(_ rows: SparseMatrix, row: Int, weight: Float) {
        let range = rows.range(row: row)
        if isSparse { note(rows.columns[range]) }
        unsafe users.withUnsafeMutableBufferPointer { users in
            unsafe rows.columns.withUnsafeBufferPointer { columns in
                for position in range { unsafe users[Int(columns[position])] += weight }
            }
        }
    }

    mutating func addContent(_ rows: SparseMatrix, row: Int, times factor: Float) {
        if isSparse { note(rows.columns[rows.range(row: row)]) }
        unsafe contents.withUnsafeMutableBufferPointer { contents in
            guard let base = contents.baseAddress else { return }
            unsafe rows.add(row: row, times: factor, to: base)
        }
    }

    private mutating func note(_ items: ArraySlice<UInt32>) {
        for item in items where !isMet[Int(item)] {
            isMet[Int(item)] = true
            touched.append(item)
        }
    }

    /// Calls a closure with each item that may have something in common.
    @inline(__always)
    func forEach(_ body: (_ item: Int, _ users: Float, _ content: Float) -> Void) {
        unsafe users.withUnsafeBufferPointer { users in
            unsafe contents.withUnsafeBufferPointer { contents in
                if isSparse {
                    for item in touched { unsafe body(Int(item), users[Int(item)], contents[Int(item)]) }
                } else {
                    for item in 0..<users.count { unsafe body(item, users[item], contents[item]) }
                }
            }
        }
    }
}
