import JSON

/// A payload template: JSON in which a member whose key ends in `.$` is a path or an intrinsic call.
indirect enum PayloadTemplate: Sendable, Equatable {
    /// A value without anything to replace.
    case literal(JSON)
    case object([Member])
    case array([PayloadTemplate])
    case expression(Expression, field: String)

    struct Member: Sendable, Equatable {
        var key: String
        var value: PayloadTemplate
    }

    /// What stands behind `.$`, in `ErrorPath` and the like.
    enum Expression: Sendable, Equatable {
        case path(JSONPath)
        case intrinsic(Intrinsic)

        /// Reads a path or a call.
        init(_ text: String) throws(PathError) {
            self =
                text.hasPrefix("$")
                ? .path(try JSONPathParser.parse(text)) : .intrinsic(try IntrinsicParser.parse(text))
        }
    }
}

extension PayloadTemplate {
    /// Reads a template; `report` hears of every member that is no path and no call.
    init(_ json: JSON, report: (String, PathError) -> Void) {
        switch json {
        case .array(let values):
            let templates = values.map { PayloadTemplate($0, report: report) }
            self = templates.allSatisfy(\.isLiteral) ? .literal(json) : .array(templates)
        case .object(let object):
            var members: [Member] = []
            for (key, value) in object { members.append(Self.member(key, value, report)) }
            self = members.allSatisfy(\.value.isLiteral) ? .literal(json) : .object(members)
        default:
            self = .literal(json)
        }
    }

    private static func member(_ key: String, _ value: JSON, _ report: (String, PathError) -> Void) -> Member {
        guard key.hasSuffix(".$") else { return Member(key: key, value: PayloadTemplate(value, report: report)) }
        do throws(PathError) {
            guard let text = value.string else { throw PathError(message: "the value is no string") }
            return Member(key: String(key.dropLast(2)), value: .expression(try Expression(text), field: key))
        } catch {
            report(key, error)
            return Member(key: key, value: .literal(value))
        }
    }

    private var isLiteral: Bool {
        if case .literal = self { true } else { false }
    }
}
