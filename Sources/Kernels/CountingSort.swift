/// The order of rows by a small integer key, found by counting; equal keys keep their order.
public struct CountingSort: Sendable {
    /// Where each key's rows begin in `order`, and after the last key where they end.
    public let offsets: [Int]
    /// The rows, by key.
    public let order: [UInt32]

    /// Sorts rows by their keys.
    ///
    /// - Parameters:
    ///   - keys: The key of each row; each must be less than `count`. At most 2³² rows.
    ///   - count: The number of keys.
    public init(keys: some RandomAccessCollection<UInt32>, count: Int) {
        precondition(keys.count <= Int(UInt32.max), "more rows than 32 bits count")
        var next = [Int](repeating: 0, count: count + 1)
        for key in keys { next[Int(key) + 1] += 1 }
        for key in 0..<count { next[key + 1] += next[key] }
        offsets = next
        var order = [UInt32](repeating: 0, count: keys.count)
        var row: UInt32 = 0
        for key in keys {
            order[next[Int(key)]] = row
            next[Int(key)] += 1
            row &+= 1
        }
        self.order = order
    }
}
