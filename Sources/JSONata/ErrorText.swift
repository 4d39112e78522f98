import JSON

/// What the errors of the language say; Step Functions passes these texts on.
enum ErrorText {
    /// The text of a code, with what it quotes filled in as JSON.
    static func message(
        _ code: String,
        token: String?,
        quoted tokenValue: Value?,
        value: Value?,
        other: Value?
    ) -> String {
        guard let template = templates[code] else { return code }
        var text = ""
        var rest = Substring(template)
        while let open = rest.firstIndex(of: "{"), let close = rest.firstIndex(of: "}") {
            text += rest[..<open]
            switch rest[rest.index(after: open)..<close] {
            case "token": text += quoted(tokenValue)
            case "name": text += token ?? ""
            case "value": text += quoted(value)
            default: text += quoted(other)
            }
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    /// The text of a code that quotes nothing but a token.
    static func refilled(_ code: String, token: String) -> String? {
        guard let template = templates[code], !template.contains("{value}"), !template.contains("{other}") else {
            return nil
        }
        return message(code, token: token, quoted: .string(token), value: nil, other: nil)
    }

    private static func quoted(_ value: Value?) -> String {
        guard let value else { return "undefined" }
        return value.containsFunction ? "a function" : value.json.text
    }

    private static let templates: [String: String] = syntax.merging(types) { $1 }.merging(limits) { $1 }

    private static let syntax = [
        "S0101": "String literal must be terminated by a matching quote",
        "S0102": "Number out of range: {token}",
        "S0103": "Unsupported escape sequence: \\{token}",
        "S0104": "The escape sequence \\u must be followed by 4 hex digits",
        "S0105": "Quoted property name must be terminated with a backquote (`)",
        "S0106": "Comment has no closing tag",
        "S0201": "Syntax error: {token}",
        "S0202": "Expected {value}, got {token}",
        "S0203": "Expected {value} before end of expression",
        "S0204": "Unknown operator: {token}",
        "S0207": "Unexpected end of expression",
        "S0208": "Parameter {value} of function definition must be a variable name (start with $)",
        "S0209": "A predicate cannot follow a grouping expression in a step",
        "S0210": "Each step can only have one grouping expression",
        "S0211": "The symbol {token} cannot be used as a unary operator",
        "S0212": "The left side of := must be a variable name (start with $)",
        "S0213": "The literal value {value} cannot be used as a step within a path expression",
        "S0214": "The right side of {token} must be a variable name (start with $)",
        "S0215": "A context variable binding must precede any predicates on a step",
        "S0216": "A context variable binding must precede the 'order-by' clause on a step",
        "S0217": "The object representing the 'parent' cannot be derived from this expression",
        "S0301": "Empty regular expressions are not allowed",
        "S0302": "No terminating / in regular expression",
    ]

    private static let types = [
        "T1003": "Key in object structure must evaluate to a string; got: {value}",
        "T1005": "Attempted to invoke a non-function. Did you mean ${name}?",
        "T1006": "Attempted to invoke a non-function",
        "T1007": "Attempted to partially apply a non-function. Did you mean ${name}?",
        "T1008": "Attempted to partially apply a non-function",
        "T2001": "The left side of the {token} operator must evaluate to a number",
        "T2002": "The right side of the {token} operator must evaluate to a number",
        "T2003": "The left side of the range operator (..) must evaluate to an integer",
        "T2004": "The right side of the range operator (..) must evaluate to an integer",
        "T2006": "The right side of the function application operator ~> must be a function",
        "T2007": "Type mismatch when comparing values {value} and {other} in order-by clause",
        "T2008": "The expressions within an order-by clause must evaluate to numeric or string values",
        "T2009": "The values {value} and {other} either side of operator {token} must be of the same data type",
        "T2010": "The expressions either side of operator {token} must evaluate to numeric or string values",
        "T2011": "The insert/update clause of the transform expression must evaluate to an object: {value}",
        "T2012":
            "The delete clause of the transform expression must evaluate to a string or array of strings: {value}",
        "T2013":
            "The transform expression clones the input object using the $clone() function.  "
            + "This has been overridden in the current scope by a non-function.",
    ]

    private static let limits = [
        "D1001": "Number out of range: {value}",
        "D1002": "Cannot negate a non-numeric value: {value}",
        "D1009": "Multiple key definitions evaluate to same key: {value}",
        "D2014":
            "The size of the sequence allocated by the range operator (..) must not exceed 1e6.  "
            + "Attempted to allocate {value}.",
        "D3001": "Attempting to invoke string function on Infinity or NaN",
    ]
}
