internal import JSON
internal import Shapes

extension OperationTable {
    /// Has every operation's input checked before its handler sees it; all faults are told at once.
    mutating func check(_ shapes: [String: Shape]) {
        for (operation, shape) in shapes {
            guard let handler = self[operation] else { continue }
            self[operation] = { input in
                try shape.validate(input)
                return try await handler(input)
            }
        }
    }
}

extension Shape {
    fileprivate func validate(_ input: JSON) throws(WireError) {
        let found = faults(in: input)
        if let fault = found.typeFaults.first { throw WireError("SerializationException", fault.message) }
        if let message = found.message { throw WireError("ValidationException", message) }
    }
}

extension TypeFault {
    /// The fault in the words of the services that speak JSON.
    fileprivate var message: String {
        switch value {
        case .object: "Start of structure or map found where not expected."
        case .array: "Start of list found where not expected."
        default: "\(token) can not be converted to \(target)"
        }
    }

    private var token: String {
        switch value {
        case .string: "STRING_VALUE"
        case .bool(let isTrue): isTrue ? "TRUE_VALUE" : "FALSE_VALUE"
        case .double: "DECIMAL_VALUE"
        default: "NUMBER_VALUE"
        }
    }

    private var target: String {
        switch expected {
        case "a string": "a String"
        case "an integer": "an Integer"
        case "a number": "a Double"
        case "a boolean": "a Boolean"
        case "a list": "a List"
        default: "a Structure"
        }
    }
}
