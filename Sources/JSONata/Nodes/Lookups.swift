/// A field's name.
final class NameNode: Node {
    let name: String

    init(_ name: String) { self.name = name }

    @inline(__always)
    func find(in input: Value?, _ run: Evaluator) -> Value? {
        if case .object(let object)? = input { return object[name].finished() }
        return run.lookup(name, in: input).finished()
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        find(in: input, run)
    }
}

/// A path that is nothing but a field's name.
final class FieldNode: Node {
    private let name: NameNode
    private let position: Int

    init(_ name: String, at position: Int) {
        self.name = NameNode(name)
        self.position = position
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        guard case .array(let array)? = input else { return name.find(in: input, run) }
        var flow = Flow.array(array)
        try flow.walk(array, isFiltered: false, isLast: true, run, position) { (item) throws(JSONataError) in
            name.find(in: item, run)
        }
        return flow.value.finished()
    }
}

/// The context, `$`.
final class ContextNode: Node {
    private let keepsArray: Bool

    init(keepsArray: Bool) { self.keepsArray = keepsArray }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        input.withoutWrapper.finished(keepsArray: keepsArray)
    }
}

/// The whole input, `$$`.
final class RootNode: Node {
    private let keepsArray: Bool

    init(keepsArray: Bool) { self.keepsArray = keepsArray }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        run.root.finished(keepsArray: keepsArray)
    }
}

/// `$name`, or the parent that a `%` means.
final class VariableNode: Node {
    let name: String
    private let keepsArray: Bool

    init(_ name: String, keepsArray: Bool) {
        self.name = name
        self.keepsArray = keepsArray
    }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        run.variable(name, frame).finished(keepsArray: keepsArray)
    }
}

/// All members, `*`.
final class WildcardNode: Node {
    private let keepsArray: Bool

    init(keepsArray: Bool) { self.keepsArray = keepsArray }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        var found: [Value] = []
        var isSequence = true
        switch input.withoutWrapper {
        case .object(let object)?:
            for (_, member) in object.members { Self.flatten(member, into: &found, &isSequence) }
        case .array(let array)?:
            for item in array.items { Self.flatten(item, into: &found, &isSequence) }
        default: break
        }
        var array = ValueArray(found)
        array.isSequence = isSequence
        return Value?.some(.array(array)).finished(keepsArray: keepsArray)
    }

    /// An array among what is found makes it an array, not a sequence.
    private static func flatten(_ value: Value, into found: inout [Value], _ isSequence: inout Bool) {
        guard case .array(let array) = value else { return found.append(value) }
        isSequence = false
        for item in array.items { flatten(item, into: &found, &isSequence) }
    }
}

/// The context and all in it, `**`.
final class DescendantsNode: Node {
    private let keepsArray: Bool

    init(keepsArray: Bool) { self.keepsArray = keepsArray }

    func evaluate(_ input: Value?, _ frame: Frame, _ run: Evaluator) throws(JSONataError) -> Value? {
        guard let input else { return nil }
        var found: [Value] = []
        Self.descend(input, into: &found)
        if found.count == 1 { return found[0] }
        return Value?.some(.array(.sequence(found))).finished(keepsArray: keepsArray)
    }

    private static func descend(_ value: Value, into found: inout [Value]) {
        switch value {
        case .array(let array): for item in array.items { descend(item, into: &found) }
        case .object(let object):
            found.append(value)
            for (_, member) in object.members { descend(member, into: &found) }
        default: found.append(value)
        }
    }
}

extension Value? {
    /// The input itself, where it is held so that paths do not walk through it.
    @inline(__always)
    var withoutWrapper: Value? {
        guard case .array(let array)? = self, array.isInputWrapper else { return self }
        return array[0]
    }
}
