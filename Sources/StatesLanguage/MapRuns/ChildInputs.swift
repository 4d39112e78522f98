public import FoundationEssentials
public import JSON

/// Makes the inputs of a Map Run's children, item after item; pure.
public struct ChildInputs<Item> {
    /// An input for one child.
    public struct Input: Equatable {
        /// The input.
        public var json: JSON
        /// How many items are in it.
        public var itemCount: Int
    }

    private let batch: MapRunRequest.Batch?
    private let select: (Int, Item) throws(StatesError) -> JSON
    /// The bytes of a batch without items.
    private let overhead: Int

    /// Inputs of what a run was asked for; `nil` when the definition has no such state.
    ///
    /// - Parameters:
    ///   - request: What the run was asked for.
    ///   - definition: The machine whose execution asked for it.
    ///   - now: What `$now` answers.
    ///   - read: What is known of an item.
    public init?(
        _ request: MapRunRequest,
        _ definition: Definition,
        now: Date,
        read: @escaping (Item) -> MapRunItem
    ) {
        guard let inputs = MapRunInputs(of: definition, request) else { return nil }
        self.init(batch: request.batch) { index, item throws(StatesError) in
            let item = read(item)
            return try inputs.input(of: item.value, at: index, key: item.key, source: item.source, now: now)
        }
    }

    /// Inputs of a run.
    ///
    /// - Parameters:
    ///   - batch: How many items go into one child.
    ///   - select: What the state's `ItemSelector` makes of an item.
    init(batch: MapRunRequest.Batch?, select: @escaping (Int, Item) throws(StatesError) -> JSON) {
        self.batch = batch
        self.select = select
        overhead = batch.map { Self.json(of: [], $0).utf8.count } ?? 0
    }

    /// Makes as many inputs of the next items as may be; items that do not fill a batch are left, unless they are the
    /// last.
    ///
    /// - Parameters:
    ///   - items: The next items.
    ///   - first: The number of the first.
    ///   - isLast: Whether no more items come after these.
    ///   - limit: How many inputs at most.
    /// - Returns: The inputs.
    /// - Throws: What the selector throws, or `States.DataLimitExceeded` for an item that fits no child.
    public func make(
        of items: ArraySlice<Item>,
        from first: Int,
        isLast: Bool,
        limit: Int
    ) throws(StatesError) -> [Input] {
        guard let batch else { return try makeSingle(of: items.prefix(limit), from: first) }
        var inputs: [Input] = []
        var open: [JSON] = []
        var size = overhead
        for (offset, item) in items.enumerated() {
            let value = try select(first + offset, item)
            let bytes = value.utf8.count
            let isFull = open.count >= batch.maxItems ?? .max
            if !open.isEmpty, isFull || size + bytes + 1 > batch.byteLimit {
                inputs.append(Input(json: Self.json(of: open, batch), itemCount: open.count))
                guard inputs.count < limit else { return inputs }
                (open, size) = ([], overhead)
            }
            guard size + bytes <= batch.byteLimit else { throw Self.tooLarge(first + offset, size + bytes) }
            size += bytes + (open.isEmpty ? 0 : 1)
            open.append(value)
        }
        let isFull = open.count >= batch.maxItems ?? .max
        if !open.isEmpty, isLast || isFull {
            inputs.append(Input(json: Self.json(of: open, batch), itemCount: open.count))
        }
        return inputs
    }

    private func makeSingle(of items: ArraySlice<Item>, from first: Int) throws(StatesError) -> [Input] {
        var inputs: [Input] = []
        for (offset, item) in items.enumerated() {
            let json = try select(first + offset, item)
            if json.exceeds(MapRunRequest.dataLimit) { throw Self.tooLarge(first + offset, json.utf8.count) }
            inputs.append(Input(json: json, itemCount: 1))
        }
        return inputs
    }

    private static func json(of items: [JSON], _ batch: MapRunRequest.Batch) -> JSON {
        var json: JSON = [:]
        if let input = batch.input { json["BatchInput"] = input }
        json["Items"] = .array(items)
        return json
    }

    /// The error of an item that fits no child.
    private static func tooLarge(_ index: Int, _ size: Int) -> StatesError {
        StatesError(
            name: StatesError.dataLimitExceeded,
            cause: "The input of a child with the item \(index) has \(size) bytes, "
                + "which exceeds the maximum number of bytes service limit."
        )
    }
}

extension MapRunRequest {
    /// Inputs of children, and results, may have so many bytes of JSON text.
    public static let dataLimit = 262_144
}

extension MapRunRequest.Batch {
    /// How many bytes an input may have.
    fileprivate var byteLimit: Int { min(maxInputBytes ?? .max, MapRunRequest.dataLimit) }
}
