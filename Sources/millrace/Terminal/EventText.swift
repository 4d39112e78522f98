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

    /// What a scheduled task is about: the last part of the first ARN, or the name, among its parameters.
    static func subject(of event: JSON) -> String {
        guard let text = event["taskScheduledEventDetails"]?["parameters"]?.string,
            let parameters = try? JSON(parsing: text).object
        else { return "" }
        let named = parameters["JobName"] ?? parameters["Name"] ?? parameters.first { $0.key.hasSuffix("Arn") }?.value
        let name = named?.string ?? ""
        guard name.hasPrefix("arn:"), let slash = name.firstIndex(of: "/") else { return name }
        return String(name[name.index(after: slash)...])
    }

    static func details(of event: JSON) -> JSON? {
        event.object?.first { $0.key.hasSuffix("EventDetails") }?.value
    }
}
