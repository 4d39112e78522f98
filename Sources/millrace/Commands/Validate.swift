import ArgumentParser
import Foundation
import JSON
import Pipeline
import StatesLanguage

/// The command `millrace validate`.
struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check state machines and configurations, and name every fault.",
        discussion: """
            A file with "States" is checked as an Amazon States Language definition, any other as a configuration. \
            With --data the CSV files beside a configuration are read too: rows, empty values, ranges, duplicates, \
            users who did nothing, items that are not in the catalogue, each with lines and a hint. \
            Nothing is sent anywhere; no service need run. Ends with 65 when a file is not valid.
            """
    )

    @Option(help: "How to print: table for people, json for scripts.")
    var output: OutputFormat = .table
    @Flag(help: "Read the data beside configurations too.")
    var data = false
    @Argument(help: "The files.")
    var files: [String]

    func run() async throws {
        let reports = files.map { Self.check($0, withData: data) }
        switch output {
        case .json:
            Terminal.print(JSON.array(reports.map(\.json)).prettyText)
        case .table:
            for report in reports { report.print() }
        }
        guard reports.allSatisfy(\.isValid) else { throw MillraceExit.invalidData }
    }

    /// What was found in one file.
    struct Report {
        let file: String
        let kind: String
        var errors: [String] = []
        var warnings: [String] = []
        var data: [DataReport] = []

        var isValid: Bool { errors.isEmpty && !data.contains(where: \.isRefused) }

        var json: JSON {
            var json: JSON = [
                "file": .string(file), "kind": .string(kind), "valid": .bool(isValid),
                "errors": .array(errors.map(JSON.string)), "warnings": .array(warnings.map(JSON.string)),
            ]
            if !data.isEmpty { json["data"] = .array(data.map(\.json)) }
            return json
        }

        func print() {
            let faults = errors.count + data.flatMap(\.findings).count { $0.severity == .error }
            let verdict = isValid ? Style.green("valid") : Style.red("\(faults) faults")
            Terminal.print("\(file): \(kind), \(verdict)")
            for error in errors { Terminal.print("  \(Style.red("error")) \(error)") }
            for warning in warnings { Terminal.print("  \(Style.yellow("warning")) \(warning)") }
            for report in data { DataTable.print(report) }
        }
    }

    static func check(_ file: String, withData: Bool = false) -> Report {
        guard let data = FileManager.default.contents(atPath: file) else {
            return Report(file: file, kind: "file", errors: ["cannot be read; does it exist?"])
        }
        do {
            let value = try JSON(parsing: Array(data))
            return value["States"] != nil || value["StartAt"] != nil
                ? definition(value, file) : params(value, file, withData)
        } catch {
            return Report(file: file, kind: "JSON", errors: ["not valid JSON: \(error)"])
        }
    }

    private static func definition(_ value: JSON, _ file: String) -> Report {
        var report = Report(file: file, kind: "state machine")
        let faults = Definition.diagnostics(for: value) + Integrations.catalogue.diagnostics(for: value)
        for diagnostic in faults {
            switch diagnostic.severity {
            case .error: report.errors.append(diagnostic.explanation)
            case .warning: report.warnings.append(diagnostic.explanation)
            }
        }
        return report
    }

    private static func params(_ value: JSON, _ file: String, _ withData: Bool) -> Report {
        var report = Report(file: file, kind: "configuration")
        do {
            let configuration = try ParamsFile.read(value, key: file)
            if withData { report.data = try DataCheck(of: configuration, at: file).run() }
        } catch let error as ConfigurationError {
            report.errors = error.faults.map(\.description)
        } catch {
            report.errors = ["the data cannot be read: \(error)"]
        }
        return report
    }
}

/// A report on one CSV file for people.
private enum DataTable {
    static func print(_ report: DataReport) {
        Terminal.print("  \(Style.bold(report.file)): \(report.type), \(report.rowCount) rows")
        var table = Table("  Column", "Empty", "From", "To")
        for column in report.columns {
            let bounds = [column.minimum, column.maximum].map { $0.map(number) ?? "" }
            table.add("  \(column.name)", String(column.nullCount), bounds[0], bounds[1])
        }
        table.print()
        for finding in report.findings {
            let word =
                switch finding.severity {
                case .error: Style.red("error")
                case .warning: Style.yellow("warning")
                case .note: Style.cyan("note")
                }
            Terminal.print("  \(word) \(finding.text)")
        }
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
