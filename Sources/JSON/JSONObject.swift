/// The members of a JSON object, in the order in which they were first set.
///
/// Small objects are searched in order; larger ones keep an index from key to position.
public struct JSONObject: Sendable {
    private var members: [Member] = []
    private var positions: [String: Int]?

    fileprivate struct Member: Sendable {
        var key: String
        var value: JSON
    }

    /// Objects with more members than this keep an index.
    private static let indexThreshold = 12

    /// An object without members.
    public init() {}

    /// An object of the given members; a key given twice keeps its last value.
    public init(_ elements: some Sequence<(String, JSON)>) {
        members.reserveCapacity(elements.underestimatedCount)
        for (key, value) in elements { self[key] = value }
    }

    /// How many members there are.
    public var count: Int { members.count }

    /// Whether there are none.
    public var isEmpty: Bool { members.isEmpty }

    /// The keys, in order.
    public var keys: [String] { members.map(\.key) }

    /// The values, in the order of their keys.
    public var values: [JSON] { members.map(\.value) }

    /// The value of a key; setting `nil` removes the member, setting a new key appends it.
    public subscript(key: String) -> JSON? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): append(key, value)
            case (let position?, nil): remove(at: position)
            case (nil, nil): break
            }
        }
    }

    /// The value of a key, or another where there is none; writes go to the object.
    public subscript(key: String, default fallback: @autoclosure () -> JSON) -> JSON {
        get { self[key] ?? fallback() }
        set { self[key] = newValue }
    }

    func key(at position: Int) -> String { members[position].key }

    func value(at position: Int) -> JSON { members[position].value }

    private func position(of key: String) -> Int? {
        if let positions { return positions[key] }
        for position in members.indices where members[position].key == key { return position }
        return nil
    }

    private mutating func append(_ key: String, _ value: JSON) {
        members.append(Member(key: key, value: value))
        if positions != nil {
            positions?[key] = members.count - 1
        } else if members.count > Self.indexThreshold {
            indexMembers()
        }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        positions = nil
        if members.count > Self.indexThreshold { indexMembers() }
    }

    private mutating func indexMembers() {
        positions = Dictionary(uniqueKeysWithValues: members.indices.map { (members[$0].key, $0) })
    }
}

extension JSONObject: Sequence {
    /// Walks the members in order.
    public struct Iterator: IteratorProtocol {
        private let members: [Member]
        private var index = 0

        fileprivate init(_ members: [Member]) { self.members = members }

        /// The next member.
        public mutating func next() -> (key: String, value: JSON)? {
            guard index < members.count else { return nil }
            defer { index += 1 }
            return (members[index].key, members[index].value)
        }
    }

    /// Walks the members in order.
    public func makeIterator() -> Iterator { Iterator(members) }

    /// How many there are.
    public var underestimatedCount: Int { members.count }
}

extension JSONObject: Equatable {
    /// Equal members, whatever their order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// A dictionary literal; a key given twice keeps its last value.
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
