import JSON

// Why a path leads nowhere, in the words of the library that AWS evaluates paths with.
extension JSONPath {
    static func noResults(_ segments: ArraySlice<Segment>) -> PathError {
        PathError(message: "No results for path: \(text(of: segments))")
    }

    static func noObject(_ value: JSON, _ segment: Segment, at way: ArraySlice<Segment>) -> PathError {
        PathError(
            message: "Expected to find an object with property \(segment.description) in path \(text(of: way)) "
                + "but found '\(value.javaClass)'. This is not a json object according to the JsonProvider: "
                + "'com.jayway.jsonpath.spi.json.JacksonJsonProvider'."
        )
    }

    static func noArray(_ value: JSON, _ segment: Segment, at way: ArraySlice<Segment>) -> PathError {
        if value.isNull { return PathError(message: "The path \(text(of: way)) is null") }
        return PathError(
            message: "Filter: \(segment.description) can only be applied to arrays. "
                + "Current context is: \(value.javaText)"
        )
    }

    static func noFilter(_ value: JSON) -> PathError {
        PathError(message: "Filter: [?] can not be applied to primitives. Current context is: \(value.javaText)")
    }

    static func multiPropertyError(_ segments: ArraySlice<Segment>) -> PathError {
        let names = segments.last?.selectors.map(\.description).joined(separator: ", ") ?? ""
        return PathError(
            message: "Multi properties can only be used as path leafs: \(text(of: segments.dropLast()))[\(names)]"
        )
    }

    /// Segments as error texts have them: `$['a'][0]`.
    static func text(of segments: ArraySlice<Segment>) -> String {
        "$" + segments.map(\.description).joined()
    }
}

extension JSONPath.Segment {
    /// Whether this selects one place at most.
    var isSingle: Bool { !isDescendant && selectors.count == 1 && selectors[0].isSingle }

    /// Whether this takes members of several names.
    var hasSeveralNames: Bool {
        selectors.count > 1 && selectors.allSatisfy { if case .name = $0 { true } else { false } }
    }

    fileprivate var description: String {
        (isDescendant ? ".." : "") + "[\(selectors.map(\.description).joined(separator: ","))]"
    }
}

extension JSONPath.Selector {
    fileprivate var description: String {
        switch self {
        case .name(let name): "'\(name)'"
        case .index(let index): "\(index)"
        case .wildcard: "*"
        case .slice(let start, let end, _): "\(start.map(String.init) ?? ""):\(end.map(String.init) ?? "")"
        case .filter: "?"
        }
    }
}

extension JSON {
    /// The class by which error texts call a value.
    fileprivate var javaClass: String {
        switch self {
        case .null: "null"
        case .bool: "java.lang.Boolean"
        case .integer(let value): Int32(exactly: value) == nil ? "java.lang.Long" : "java.lang.Integer"
        case .double: "java.lang.Double"
        case .decimal(let text): text.contains { ".eE".contains($0) } ? "java.lang.Double" : "java.math.BigInteger"
        case .string: "java.lang.String"
        case .array: "java.util.ArrayList"
        case .object: "java.util.LinkedHashMap"
        }
    }

    /// A value as error texts show it: `{a=1, b=[x, y]}`.
    fileprivate var javaText: String {
        switch self {
        case .array(let values): "[\(values.map(\.javaText).joined(separator: ", "))]"
        case .object(let object): "{\(object.map { "\($0.key)=\($0.value.javaText)" }.joined(separator: ", "))}"
        default: plain
        }
    }
}
