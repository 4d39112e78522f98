import JSON

extension Evaluator {
    /// The value of an intrinsic call that stands in a field.
    mutating func value(
        of call: Intrinsic,
        field: String,
        missing alias: String?
    ) throws(StatesError) -> JSON {
        if call.function == .format { return try format(call, field: field, missing: alias) }
        var arguments: [JSON] = []
        for argument in call.arguments {
            arguments.append(try value(of: argument, field: field, missing: alias))
        }
        guard let result = apply(call.function, to: arguments) else { throw failure(of: call) }
        return result
    }

    private mutating func value(
        of argument: Intrinsic.Argument,
        field: String,
        missing alias: String?
    ) throws(StatesError) -> JSON {
        switch argument {
        case .literal(let value): return value
        case .template(let parts):
            return .string(parts.map(\.text).joined())
        case .path(let path): return try value(of: path, field: field, missing: alias)
        case .call(let call): return try value(of: call, field: field, missing: alias)
        }
    }

    /// `States.Format`: its template is the one argument in which an escaped brace is no placeholder.
    private mutating func format(_ call: Intrinsic, field: String, missing alias: String?) throws(StatesError) -> JSON {
        let parts: [Intrinsic.TemplatePart]
        if case .template(let written) = call.arguments[0] {
            parts = written
        } else {
            guard let text = try value(of: call.arguments[0], field: field, missing: alias).string else {
                throw failure(of: call)
            }
            parts = Self.template(text)
        }
        var result = ""
        var next = 1
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .openBrace: throw unmatchedBrace
            case .placeholder:
                guard next < call.arguments.count else { throw formatFailure }
                let argument = try value(of: call.arguments[next], field: field, missing: alias)
                result += argument.string ?? argument.text
                next += 1
            }
        }
        guard next == call.arguments.count else { throw formatFailure }
        return .string(result)
    }

    private var formatFailure: StatesError {
        StatesError(
            name: StatesError.intrinsicFailure,
            cause: "Invalid arguments in States.Format: number of arguments do not match the occurrences of {}"
        )
    }

    private var unmatchedBrace: StatesError {
        StatesError(
            name: StatesError.intrinsicFailure,
            cause: "Invalid template in States.Format: matching '}' not found for '{'."
        )
    }

    private func failure(of call: Intrinsic) -> StatesError {
        StatesError(
            name: StatesError.intrinsicFailure,
            cause: "Invalid arguments in States.\(call.function.rawValue)"
        )
    }

    /// Cuts a template that came from the data at its placeholders.
    private static func template(_ text: String) -> [Intrinsic.TemplatePart] {
        var parts: [Intrinsic.TemplatePart] = []
        var piece = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == "\\", let next = rest.first, "{}\\'".contains(next) {
                piece.append(next)
                rest.removeFirst()
            } else if character == "{" {
                let isClosed = rest.first == "}"
                if isClosed { rest.removeFirst() }
                parts += [.text(piece), isClosed ? .placeholder : .openBrace]
                piece = ""
            } else {
                piece.append(character)
            }
        }
        return parts + [.text(piece)]
    }

    /// The function's value; `nil` when the arguments are not for it.
    private mutating func apply(_ function: IntrinsicFunction, to arguments: [JSON]) -> JSON? {
        switch function {
        case .format: nil
        case .stringToJSON: arguments[0].string.flatMap(IntrinsicStrings.parsed)
        case .jsonToString: .string(arguments[0].text)
        case .array: .array(arguments)
        case .arrayPartition: IntrinsicArrays.partition(arguments[0], size: arguments[1])
        case .arrayContains: arguments[0].array.map { .bool($0.contains(arguments[1])) }
        case .arrayRange: IntrinsicArrays.range(arguments[0], arguments[1], step: arguments[2])
        case .arrayGetItem: IntrinsicArrays.item(of: arguments[0], at: arguments[1])
        case .arrayLength: arguments[0].array.map { JSON($0.count) }
        case .arrayUnique: IntrinsicArrays.unique(arguments[0])
        case .base64Encode: IntrinsicStrings.base64Encoded(arguments[0])
        case .base64Decode: IntrinsicStrings.base64Decoded(arguments[0])
        case .hash: IntrinsicStrings.hash(arguments[0], algorithm: arguments[1])
        case .jsonMerge: merge(arguments[0], arguments[1], deep: arguments[2])
        case .mathRandom: random(arguments)
        case .mathAdd: IntrinsicMath.sum(arguments[0], arguments[1])
        case .stringSplit: IntrinsicStrings.split(arguments[0], at: arguments[1])
        case .uuid: .string(generator.uuid())
        }
    }

    /// Puts the members of the second object over those of the first; a deep merge is not offered by AWS either.
    private func merge(_ first: JSON, _ second: JSON, deep: JSON) -> JSON? {
        guard var object = first.object, let other = second.object, deep != true else { return nil }
        for (key, value) in other { object[key] = value }
        return .object(object)
    }

    /// A random integer from the first bound up to, but not including, the second; the same for the same seed.
    private mutating func random(_ arguments: [JSON]) -> JSON? {
        guard let start = IntrinsicMath.small(arguments[0]), let end = IntrinsicMath.small(arguments[1]), start < end
        else { return nil }
        guard arguments.count == 3 else { return JSON(Int.random(in: start..<end, using: &generator)) }
        guard let seed = IntrinsicMath.truncated(arguments[2]) else { return nil }
        var seeded = JavaRandom(seed: Int64(seed))
        guard let bound = Int32(exactly: end - start) else { return nil }
        return JSON(start + Int(seeded.next(below: bound)))
    }
}

extension Intrinsic.TemplatePart {
    /// The piece where it is no template.
    fileprivate var text: String {
        switch self {
        case .text(let text): text
        case .placeholder: "{}"
        case .openBrace: "{"
        }
    }
}
