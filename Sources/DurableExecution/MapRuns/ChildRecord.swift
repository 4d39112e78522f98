import FoundationEssentials
import JSON
import StatesLanguage

/// What a result says of a child, as the service writes it.
enum ChildRecord {
    /// The child with its input, output and dates.
    static func json(_ child: Execution) -> JSON {
        var json = JSONObject()
        if let cause = child.cause { json["Cause"] = .string(cause) }
        if let error = child.error { json["Error"] = .string(error) }
        json["ExecutionArn"] = .string(child.arn)
        json["Input"] = .string(child.input)
        json["InputDetails"] = ["Included": true]
        json["Name"] = .string(child.name)
        if let output = child.output {
            json["Output"] = .string(output)
            json["OutputDetails"] = ["Included": true]
        }
        json["RedriveCount"] = JSON(child.redriveCount)
        if let date = child.redriveDate { json["RedriveDate"] = .string(text(date)) }
        json["RedriveStatus"] = .string(child.redriveStatus)
        if let reason = child.redriveStatusReason { json["RedriveStatusReason"] = .string(reason) }
        json["StartDate"] = .string(text(child.startDate))
        json["StateMachineArn"] = .string(child.stateMachineArn)
        json["Status"] = .string(child.status.rawValue)
        if let date = child.stopDate { json["StopDate"] = .string(text(date)) }
        return .object(json)
    }

    private static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}

/// What `WriterConfig` makes of the children's ends.
struct ResultForm {
    /// What becomes of an output.
    enum Transformation: String {
        case none = "NONE"
        case compact = "COMPACT"
        case flatten = "FLATTEN"
    }

    let transformation: Transformation
    let isLines: Bool

    /// The form that a writer asks for, or another unless it asks.
    init(_ writer: MapRunRequest.Writer?, default fallback: Transformation) {
        let name = writer?.config["Transformation"]?.string
        transformation = name.flatMap(Transformation.init) ?? fallback
        isLines = writer?.config["OutputType"]?.string == "JSONL"
    }

    /// The values, as JSON text, that a child contributes; a child without output shows what became of it.
    func texts(of child: Execution) throws(JSONError) -> [String] {
        guard transformation != .none, let output = child.output, child.status == .succeeded else {
            return [ChildRecord.json(child).text]
        }
        guard transformation == .flatten, output.utf8.first(where: { !$0.isSpace }) == UInt8(ascii: "[") else {
            return [isLines ? try JSON(parsing: output).text : output]
        }
        return try JSON(parsing: output).array?.map(\.text) ?? [output]
    }

    /// What stands before the first value, between values and after the last.
    var punctuation: (start: String, separator: String, end: String) {
        isLines ? ("", "\n", "\n") : ("[", ",", "]")
    }
}

extension UInt8 {
    fileprivate var isSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
