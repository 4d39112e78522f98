internal import JSON
internal import Shapes

extension Shape {
    /// Checks an input and reports every fault at once, in the service's words.
    func validate(_ input: JSON) throws(PersonalizeError) {
        let found = faults(in: input)
        if let fault = found.typeFaults.first {
            let place = fault.path.isEmpty ? "the input" : "'\(fault.path)'"
            throw PersonalizeError(
                .serialization,
                "Value of \(place) must be \(fault.expected), but is \(fault.value.typeName)"
            )
        }
        if let message = found.message { throw PersonalizeError(.invalidInput, message) }
    }

    /// A text of a length that matches one of the service's patterns.
    static func text(_ length: ClosedRange<Int>, _ pattern: Pattern) -> Shape {
        .text(length, TextPattern(pattern.rawValue, matches: pattern.matches))
    }
}
