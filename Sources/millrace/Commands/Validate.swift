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
            A file with "States" is checked as an Amazon States Language definition, any other as a params.json. \
            Nothing is sent anywhere; no service need run. Ends with 65 when a file is not valid.
            """
    )

    @Option(help: "How to print: table for people, json for scripts.")
    var output: OutputFormat = .table
    @Argument(help: "The files.")
    var files: [String]

    func run() async throws {
        let reports = files.map(Self.check)
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

        var isValid: Bool { errors.isEmpty }

        var json: JSON {
            [
                "file": .string(file), "kind": .string(kind), "valid": .bool(isValid),
                "errors": .array(errors.map(JSON.string)), "warnings": .array(warnings.map(JSON.string)),
            ]
        }

        func print() {
            let verdict = isValid ? Style.green("valid") : Style.red("\(errors.count) faults")
            Terminal.print("\(file): \(kind), \(verdict)")
            for error in errors { Terminal.print("  \(Style.red("error")) \(error)") }
            for warning in warnings { Terminal.print("  \(Style.yellow("warning")) \(warning)") }
        }
    }

    static func check(_ file: String) -> Report {
        guard let data = FileManager.default.contents(atPath: file) else {
            return Report(file: file, kind: "file", errors: ["cannot be read; does it exist?"])
        }
        do {
            let value = try JSON(parsing: Array(data))
            return value["States"] != nil || value["StartAt"] != nil ? definition(value, file) : params(value, file)
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

    private static func params(_ value: JSON, _ file: String) -> Report {
        var report = Report(file: file, kind: "configuration")
        do throws(ConfigurationError) {
            _ = try ParamsFile.read(value)
        } catch {
            report.errors = error.faults.map(\.description)
        }
        return report
    }
}
