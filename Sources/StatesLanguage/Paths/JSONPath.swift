import JSON

/// A path into the input (`$…`), the context object (`$$…`) or a variable (`$name…`).
struct JSONPath: Sendable, Equatable {
    /// The text, as the definition has it.
    let text: String
    let root: Root
    let segments: [Segment]
    /// A function applied to what the path finds: `$.items.length()`.
    let function: Function?

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

    enum Function: String, Sendable, Equatable {
        case length, min, max, avg, sum, keys
    }

    /// The condition of `[?(…)]`.
    indirect enum Filter: Sendable, Equatable {
        case and(Filter, Filter)
        case or(Filter, Filter)
        case not(Filter)
        case exists(Operand)
        case compare(Operand, Comparison, Operand)
    }

    enum Operand: Sendable, Equatable {
        /// A path from the item under test (`@…`) or from the root (`$…`).
        case path(fromItem: Bool, segments: [Segment], function: Function?)
        case literal(JSON)
    }

    enum Comparison: String, Sendable, Equatable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case `in`
        case notIn = "nin"
        case matches = "=~"
    }
}

extension JSONPath {
    /// Whether the path can find one value at most; any other path yields an array of what it finds.
    var isDefinite: Bool { Self.isDefinite(segments) }

    static func isDefinite(_ segments: [Segment]) -> Bool {
        segments.allSatisfy { segment in
            guard !segment.isDescendant, segment.selectors.count == 1 else { return false }
            switch segment.selectors[0] {
            case .name, .index: return true
            case .wildcard, .slice, .filter: return false
            }
        }
    }

    /// Whether this is a reference path: one that only names members and elements.
    var isReference: Bool { isDefinite && function == nil }

    /// Whether the path is `$` alone.
    var isWholeInput: Bool { root == .input && segments.isEmpty && function == nil }
}

/// Why a text is not a path, or why a path finds nothing.
struct PathError: Error, Equatable {
    var message: String
}
