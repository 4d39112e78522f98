/// A function as a caller names it: by name, by name and qualifier, or by ARN, whole or from the account on.
public struct FunctionName: Sendable, Equatable {
    /// The one qualifier there is: the code and configuration as they are now.
    public static let latest = "$LATEST"

    /// The name alone.
    public let name: String
    /// What stands behind the name; `nil` without.
    public let qualifier: String?

    /// Reads what a caller wrote.
    ///
    /// - Parameters:
    ///   - text: `resize`, `resize:$LATEST`, `000000000000:function:resize` or a whole ARN.
    ///   - qualifier: A qualifier that was given beside it.
    /// - Throws: `FunctionError` with `validation` when it names no function, `resourceNotFound` for a qualifier other
    ///   than `$LATEST`.
    public init(_ text: String, qualifier: String? = nil) throws(FunctionError) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if let place = parts.firstIndex(of: "function"), [1, 5].contains(place), parts.count > place + 1 {
            let isARN = place == 5 && parts[0] == "arn" && parts[2] == "lambda"
            guard isARN || place == 1 else { throw Self.refusal(text) }
            parts.removeFirst(place + 1)
        }
        guard let name = parts.first, parts.count <= 2, Self.isValid(name) else { throw Self.refusal(text) }
        self.name = name
        self.qualifier = parts.count == 2 ? parts[1] : qualifier
        if let found = self.qualifier, found != Self.latest {
            throw FunctionError(
                .resourceNotFound,
                "Function not found: \(name):\(found); functions here have no versions, ask for \(Self.latest)"
            )
        }
    }

    /// Whether a name can be a function's: 1 to 64 letters, digits, `-` and `_`.
    public static func isValid(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.utf8.allSatisfy(isNameByte)
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func refusal(_ text: String) -> FunctionError {
        FunctionError(
            .validation,
            "1 validation error detected: Value '\(text.prefix(200))' at 'functionName' failed to satisfy constraint: "
                + "a name has 1 to 64 letters, digits, \"-\" and \"_\"; an ARN is "
                + "arn:aws:lambda:REGION:ACCOUNT:function:NAME"
        )
    }
}
