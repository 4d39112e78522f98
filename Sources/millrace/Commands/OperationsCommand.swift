import ArgumentParser
import Foundation
import HTTPAPI
import Personalize

/// The command `millrace operations`, which writes a table of the manual from the table of operations.
struct OperationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations",
        abstract: "Print the operations of Personalize and EventBridge Scheduler as a Markdown table.",
        shouldDisplay: false
    )

    @Option(help: ArgumentHelp("Write the table into this file, between its marks.", valueName: "file"))
    var into: String?

    func run() async throws {
        guard let into else { return Terminal.print(OperationsTable.markdown) }
        let text = try String(contentsOfFile: into, encoding: .utf8)
        guard let renewed = OperationsTable.renewed(text) else {
            throw ValidationError("\(into) has no lines \(OperationsTable.start) and \(OperationsTable.end)")
        }
        try renewed.write(toFile: into, atomically: true, encoding: .utf8)
    }
}

/// The operations of Personalize and EventBridge Scheduler as a Markdown table.
enum OperationsTable {
    /// The line before the table in a file.
    static let start = "<!-- operations: written by `make readme` -->"
    /// The line after the table in a file.
    static let end = "<!-- end of operations -->"

    /// The table, a row an operation.
    static var markdown: String {
        let rows = PersonalizeService.operations.map { operation in
            let target = operation.path.map { "`POST \($0)`" } ?? "`AmazonPersonalize.\(operation.name)`"
            return "| \(operation.name) | \(target) | \(operation.note) |"
        }
        let scheduler = SchedulerOperation.all.map { operation in
            "| \(operation.name) | `\(operation.method) \(operation.path)` | \(operation.note) |"
        }
        let head = ["| Operation | Called by | More, less or other than on AWS |", "| --- | --- | --- |"]
        return (head + rows + scheduler).joined(separator: "\n")
    }

    /// A text with the table anew between its marks; `nil` when it has none.
    static func renewed(_ text: String) -> String? {
        guard let opening = text.range(of: start + "\n"), let closing = text.range(of: "\n" + end),
            opening.upperBound <= closing.upperBound
        else { return nil }
        return text[..<opening.upperBound] + markdown + text[closing.lowerBound...]
    }
}
