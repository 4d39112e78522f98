import JSON
import JSONata

/// A path into the input (`$…`), the context object (`$$…`) or a variable (`$name…`).
struct JSONPath: Sendable, Equatable {
    /// The text, as the definition has it.
    let text: String
    let root: Root
    let segments: [Segment]
    /// A function applied to what the path finds: `$.items.length()`.
    let function: FunctionCall?

    enum Root: Sendable, Equatable {
        case input
        case context
        /// A variable, by its name.
        case variable(String)
    }

    struct Segment: Sendable, Equatable {
        /// Whether the selectors apply to all descendants (`..`), not only to children.
        var isDescendant = false
        var selectors: [Selector]
    }

    enum Selector: Sendable, Equatable {
        case name(String)
        case index(Int)
        case wildcard
        case slice(start: Int?, end: Int?, step: Int)
        case filter(Filter)
    }

    /// A function and what stands between its brackets.
    struct FunctionCall: Sendable, Equatable {
        var name: Function
        var arguments: [Operand] = []
    }

    enum Function: String, Sendable, Equatable {
        case length, size, min, max, avg, stddev, sum, keys, concat, append, first, last, index
    }

    /// The condition of `[?(…)]`.
    indirect enum Filter: Sendable, Equatable {
        case and([Filter])
        case or([Filter])
        case not(Filter)
        case exists(Operand)
        case compare(Operand, Comparison, Operand)
        case matches(Operand, TextPattern)
    }

    enum Operand: Sendable, Equatable {
        /// A path from the item under test or one of the roots.
        case path(from: Start, segments: [Segment], function: FunctionCall?)
        case literal(JSON)
    }

    /// Where a path within a filter starts.
    enum Start: Sendable, Equatable {
        /// `@`: the item under test.
        case item
        /// `$`: what the path around the filter starts from.
        case root
        /// `$$`.
        case context
        /// `$name`.
        case variable(String)
    }

    enum Comparison: String, Sendable, Equatable, CaseIterable {
        case identical = "==="
        case notIdentical = "!=="
        case equal = "=="
        case notEqual = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
        case `in`
        case notIn = "nin"
        case contains
        case all
        case anyOf = "anyof"
        case noneOf = "noneof"
        case subsetOf = "subsetof"
        case size
        case empty
        case type
    }
}

extension JSONPath {
    /// Whether the path can find one value at most; any other path yields an array of what it finds.
    var isDefinite: Bool { Self.isDefinite(segments) }

    static func isDefinite(_ segments: [Segment]) -> Bool {
        let way = segments.prefix(while: \.isSingle).count
        // Several names at the end make one object.
        return way == segments.count
            || way == segments.count - 1 && segments[way].hasSeveralNames && !segments[way].isDescendant
    }

    /// Whether this is a reference path: one that only names members and elements.
    var isReference: Bool {
        function == nil && segments.allSatisfy(\.isSingle)
    }

    /// Whether the path is `$` alone.
    var isWholeInput: Bool { root == .input && segments.isEmpty && function == nil }

    /// The names of the variables that the path reads, its filters' and arguments' among them.
    var variables: [String] {
        var names: [String] = []
        if case .variable(let name) = root { names.append(name) }
        Self.collect(segments, function, into: &names)
        return names
    }

    private static func collect(_ segments: [Segment], _ function: FunctionCall?, into names: inout [String]) {
        for selector in segments.flatMap(\.selectors) {
            if case .filter(let filter) = selector { collect(filter, into: &names) }
        }
        for argument in function?.arguments ?? [] { collect(argument, into: &names) }
    }

    private static func collect(_ operand: Operand, into names: inout [String]) {
        guard case .path(let start, let segments, let function) = operand else { return }
        if case .variable(let name) = start { names.append(name) }
        collect(segments, function, into: &names)
    }

    private static func collect(_ filter: Filter, into names: inout [String]) {
        switch filter {
        case .and(let filters), .or(let filters): for filter in filters { collect(filter, into: &names) }
        case .not(let filter): collect(filter, into: &names)
        case .exists(let operand), .matches(let operand, _): collect(operand, into: &names)
        case .compare(let left, _, let right):
            collect(left, into: &names)
            collect(right, into: &names)
        }
    }
}

extension JSONPath.Selector {
    /// Whether this selects one place at most.
    var isSingle: Bool {
        switch self {
        case .name, .index: true
        case .wildcard, .slice, .filter: false
        }
    }
}

/// Why a text is not a path, or why a path finds nothing.
struct PathError: Error, Equatable {
    var message: String
}
