import JSON

/// An object; one box is one object, so that a transform finds in its copy what its pattern selected.
///
/// What came in as JSON stays JSON until it is changed, and its members become values when they are asked for.
final class ObjectValue {
    private var json: JSONObject?
    private var own: [(key: String, value: Value)] = []
    private var positions: [String: Int]?
    /// How deep values have been nested in it, itself counted; JSON that came in counts as one.
    private(set) var depth = 1
    /// How many values there are in it, those in shared parts counted for each place.
    private(set) var weight: Float = 1
    private(set) var holdsFunction = false

    /// Objects with more members than this keep an index.
    private static let indexThreshold = 12

    init() {}

    init(_ json: JSONObject) {
        self.json = json
        weight = Float(json.count + 1)
    }

    subscript(key: String) -> Value? {
        get {
            if let json { return json[key].map(Value.init) }
            return position(of: key).map { own[$0].value }
        }
        set {
            materialise()
            switch (position(of: key), newValue) {
            case (let position?, let value?):
                note(value)
                own[position].value = value
            case (nil, let value?): append(key, value)
            case (let position?, nil):
                own.remove(at: position)
                positions = nil
                indexIfLarge()
            case (nil, nil): break
            }
        }
    }

    /// Adds a member of which the object is known to have none of the name.
    func append(_ key: String, _ value: Value) {
        note(value)
        own.append((key, value))
        if positions == nil { indexIfLarge() } else { positions?[key] = own.count - 1 }
    }

    func reserveCapacity(_ count: Int) { own.reserveCapacity(count) }

    /// The members in order.
    var members: [(key: String, value: Value)] {
        guard let json else { return own }
        return json.map { ($0.key, Value($0.value)) }
    }

    var keys: [String] { json?.keys ?? own.map(\.key) }

    var count: Int { json?.count ?? own.count }

    /// The JSON that this is, untouched.
    var source: JSONObject? { json }

    private func note(_ value: Value) {
        weight += value.weight
        switch value {
        case .array, .object, .function:
            depth = max(depth, value.depth + 1)
            if value.holdsFunction { holdsFunction = true }
        default: break
        }
    }

    private func materialise() {
        guard let json else { return }
        own = json.map { ($0.key, Value($0.value)) }
        self.json = nil
        indexIfLarge()
    }

    private func indexIfLarge() {
        guard own.count > Self.indexThreshold else { return }
        positions = Dictionary(own.indices.map { (own[$0].key, $0) }) { first, _ in first }
    }

    private func position(of key: String) -> Int? {
        if let positions { return positions[key] }
        for index in own.indices where own[index].key == key { return index }
        return nil
    }
}
