import JSON

/// A path that names one place, so that a value can be put there: `$`, `$.a.b`, `$.list[0]['c d']`.
struct ReferencePath: Sendable, Equatable {
    let text: String
    let steps: [Step]

    /// So many steps may lead to the place.
    private static let maximumSteps = 100

    enum Step: Sendable, Equatable {
        case name(String)
        case index(Int)

        fileprivate var description: String {
            switch self {
            case .name(let name): name
            case .index(let index): "\(index)"
            }
        }
    }

    init(_ text: String) throws(PathError) {
        let path = try JSONPathParser.parse(text)
        guard path.isReference else { throw PathError(message: "only names and indexes may follow \"$\"") }
        guard path.root == .input else { throw PathError(message: "only names and indexes may follow \"$\"") }
        guard path.segments.count <= Self.maximumSteps else {
            throw PathError(message: "the path has more than \(Self.maximumSteps) steps")
        }
        self.text = text
        steps = path.segments.map { segment in
            if case .index(let index) = segment.selectors[0] { return .index(index) }
            guard case .name(let name) = segment.selectors[0] else {
                preconditionFailure("a reference path has only names and indexes")
            }
            return .name(name)
        }
    }

    /// Puts a value at the place, making the objects on the way; throws when the place cannot be made.
    func put(_ value: JSON, into target: JSON) throws(PathError) -> JSON {
        guard steps.isEmpty || target.object != nil || target.array != nil else {
            throw PathError(message: "Unable to apply ReferencePath \(text) to input \(target.text)")
        }
        return try put(value, into: target, steps[...])
    }

    private func put(_ value: JSON, into target: JSON?, _ steps: ArraySlice<Step>) throws(PathError) -> JSON {
        guard let step = steps.first else { return value }
        switch (step, target) {
        case (.name(let name), .object(var object)):
            object[name] = try put(value, into: object[name], steps.dropFirst())
            return .object(object)
        case (.name(let name), nil):
            return .object([name: try put(value, into: nil, steps.dropFirst())])
        case (.index(let index), .array(var array)) where array.indices.contains(index):
            array[index] = try put(value, into: array[index], steps.dropFirst())
            return .array(array)
        default:
            throw PathError(message: "Unable to apply step \"\(step.description)\" to input \(target?.text ?? "null")")
        }
    }
}
