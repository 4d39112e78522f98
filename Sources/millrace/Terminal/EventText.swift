import JSON

/// A history event in a few words.
enum EventText {
    static func text(of event: JSON) -> String {
        guard let details = details(of: event) else { return "" }
        if let error = details["error"]?.string {
            return [error, details["cause"]?.string].compactMap { $0 }.joined(separator: ": ")
        }
        let name = details["name"]?.string
        let index = details["index"]?.int.map { "[\($0)]" }
        let resource = details["resource"]?.string
        let data = (details["parameters"] ?? details["output"] ?? details["input"])?.string
        return [name, index, resource, data].compactMap { $0 }.joined(separator: " ")
    }

    /// The state an event entered, if it entered one.
    static func enteredState(of event: JSON) -> String? {
        event["stateEnteredEventDetails"]?["name"]?.string
    }

    private static func details(of event: JSON) -> JSON? {
        event.object?.first { $0.key.hasSuffix("EventDetails") }?.value
    }
}
