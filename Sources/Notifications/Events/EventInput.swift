internal import FoundationEssentials
internal import JSON

/// What a target gets of an event: all of it, a part, a constant, or a text with parts in it.
struct EventInput {
    let event: JSON
    let rule: EventRule
    let now: Date

    /// The text to publish.
    func text(for target: EventTarget) -> String {
        if let constant = target.input["Input"]?.string { return constant }
        if let path = target.input["InputPath"]?.string { return (Self.value(at: path, of: event) ?? .null).text }
        guard let transformer = target.input["InputTransformer"], let template = transformer["InputTemplate"]?.string
        else { return event.text }
        return fill(template, transformer["InputPathsMap"]?.object ?? [:])
    }

    /// The value at `$.detail.state` or `$.resources[0]`; `nil` where there is none.
    static func value(at path: String, of event: JSON) -> JSON? {
        var value: JSON? = event
        for step in path.dropFirst().split(whereSeparator: { ".[".contains($0) }) {
            let name = step.hasSuffix("]") ? step.dropLast() : step
            if step.hasSuffix("]"), let index = Int(name) {
                value = value?[index]
            } else {
                value = value?[name.trimmed(of: "'")]
            }
        }
        return value
    }

    /// Puts values for `<name>`: within quotation marks as they are, elsewhere as JSON.
    private func fill(_ template: String, _ paths: JSONObject) -> String {
        var text = ""
        var isQuoted = false
        var rest = template[...]
        while let character = rest.first {
            if character == "<", let end = rest.firstIndex(of: ">"),
                let value = value(of: String(rest[rest.index(after: rest.startIndex)..<end]), paths)
            {
                text += isQuoted ? Self.quoted(value) : value.text
                rest = rest[rest.index(after: end)...]
                continue
            }
            if character == "\"", text.last != "\\" { isQuoted.toggle() }
            text.append(character)
            rest = rest.dropFirst()
        }
        return text
    }

    private func value(of name: String, _ paths: JSONObject) -> JSON? {
        switch name {
        case "aws.events.rule-arn": .string(rule.arn)
        case "aws.events.rule-name": .string(rule.name)
        case "aws.events.event.ingestion-time": .string(now.formatted(.iso8601))
        case "aws.events.event", "aws.events.event.json": event
        default: paths[name]?.string.map { Self.value(at: $0, of: event) ?? .null }
        }
    }

    private static func quoted(_ value: JSON) -> String {
        guard value.string != nil else { return String(JSON.string(value.text).text.dropFirst().dropLast()) }
        return String(value.text.dropFirst().dropLast())
    }
}

extension Substring {
    fileprivate func trimmed(of mark: Character) -> String {
        String(drop { $0 == mark }.reversed().drop { $0 == mark }.reversed())
    }
}
