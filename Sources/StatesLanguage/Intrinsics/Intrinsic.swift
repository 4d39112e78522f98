import JSON

/// A call of an intrinsic function: `States.Format('{} of {}', $.a, States.ArrayLength($.b))`.
struct Intrinsic: Sendable, Equatable {
    /// The call, as the definition has it.
    let text: String
    let function: IntrinsicFunction
    let arguments: [Argument]

    enum Argument: Sendable, Equatable {
        case literal(JSON)
        /// A string in quotes, kept raw: `States.Format` tells `\{` from `{`, all others read escapes alike.
        case template([TemplatePart])
        case path(JSONPath)
        case call(Intrinsic)
    }

    /// A piece of a quoted string.
    enum TemplatePart: Sendable, Equatable {
        /// Text with its escapes read.
        case text(String)
        /// An unescaped `{}`.
        case placeholder
        /// An unescaped `{` without its `}`, which is text for all functions but `States.Format`.
        case openBrace
    }
}

/// The 18 intrinsic functions.
enum IntrinsicFunction: String, Sendable, Equatable, CaseIterable {
    case format = "Format"
    case stringToJSON = "StringToJson"
    case jsonToString = "JsonToString"
    case array = "Array"
    case arrayPartition = "ArrayPartition"
    case arrayContains = "ArrayContains"
    case arrayRange = "ArrayRange"
    case arrayGetItem = "ArrayGetItem"
    case arrayLength = "ArrayLength"
    case arrayUnique = "ArrayUnique"
    case base64Encode = "Base64Encode"
    case base64Decode = "Base64Decode"
    case hash = "Hash"
    case jsonMerge = "JsonMerge"
    case mathRandom = "MathRandom"
    case mathAdd = "MathAdd"
    case stringSplit = "StringSplit"
    case uuid = "UUID"

    /// How many arguments a call may have.
    var arity: ClosedRange<Int> {
        switch self {
        case .uuid: 0...0
        case .stringToJSON, .jsonToString, .arrayLength, .arrayUnique, .base64Encode, .base64Decode: 1...1
        case .arrayPartition, .arrayContains, .arrayGetItem, .hash, .mathAdd, .stringSplit: 2...2
        case .arrayRange, .jsonMerge: 3...3
        case .mathRandom: 2...3
        case .format: 1...Int.max
        case .array: 0...Int.max
        }
    }
}
