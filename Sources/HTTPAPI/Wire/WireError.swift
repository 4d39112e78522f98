public import JSON

/// An error as a client sees it: a code of AWS, a message, and the HTTP status that goes with the code.
///
/// Handlers throw their own service's errors; `WireErrors` turns those into this. A handler that has no error type of
/// its own throws this one.
public struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The code, as `ResourceNotFoundException`.
    public let code: String
    /// What is wrong, where, and what helps.
    public let message: String
    /// Further members of the answer, beside `__type` and `message`.
    public let details: JSONObject

    /// An error of a code.
    ///
    /// - Parameters:
    ///   - code: A code of the table that maps codes to HTTP statuses; any other is answered with 500.
    ///   - message: What is wrong, where, and what helps.
    ///   - details: Further members of the answer.
    public init(_ code: String, _ message: String, details: JSONObject = [:]) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }

    /// The members of the answer.
    var body: JSON {
        var members: JSONObject = ["__type": .string(code), "message": .string(message)]
        for (key, value) in details where members[key] == nil { members[key] = value }
        return .object(members)
    }
}
