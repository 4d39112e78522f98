import ArgumentParser
import Foundation
import HTTPAPI
import JSON

/// The command `millrace gc`.
struct GarbageCollection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Remove what nobody needs any more, as the service does regularly, or show what would go.",
        discussion: """
            Executions, records of jobs and logs go by age, solution versions by number; snapshots go with the last \
            version that was trained on them. What a campaign serves, may be rolled back to or waits for stays, and so \
            does whatever is going on. How much is kept is set by the retention settings of the service.
            """
    )

    @OptionGroup var options: ClientOptions
    @Flag(help: "Only show what would go, and why.")
    var dryRun = false

    func run() async throws {
        try await reporting {
            let client = try options.client(timeout: .seconds(3600))
            let answer = try await client.millrace("CollectGarbage", ["dryRun": .bool(dryRun)])
            options.show(answer) { print(answer) }
        }
    }

    private func print(_ answer: JSON) {
        let items = answer["items"]?.array ?? []
        if !items.isEmpty {
            var table = Table("Kind", "Size", "Name", "Why")
            for item in items {
                table.add(
                    item["kind"]?.string ?? "",
                    Size.text(item["bytes"]?.int ?? 0),
                    item["name"]?.string ?? "",
                    item["reason"]?.string ?? ""
                )
            }
            table.print()
        }
        let (count, size) = (answer["count"]?.int ?? 0, Size.text(answer["bytes"]?.int ?? 0))
        Terminal.print(dryRun ? "\(count) would go, \(size); nothing was removed." : "\(count) are gone, \(size).")
    }
}

/// The command `millrace disk`.
struct Disk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what the home takes on the disk, by kind.")

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await reporting {
            let answer = try await options.client.millrace("DescribeDisk")
            options.show(answer) {
                var table = Table("Kind", "Files", "Size")
                func add(_ kind: String, _ amount: JSON?) {
                    table.add(kind, "\(amount?["files"]?.int ?? 0)", Size.text(amount?["bytes"]?.int ?? 0))
                }
                for amount in answer["usage"]?.array ?? [] { add(amount["kind"]?.string ?? "", amount) }
                add("total", answer["total"])
                table.print()
            }
        }
    }
}

/// The command `millrace backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the home of the running service into a new directory of its machine.",
        discussion: """
            The database is copied as it is at one moment; snapshots and models share their bytes with the home where \
            that is possible. The buckets are not part of it: they are yours. The directory appears when it is whole, \
            with a manifest of all files and their SHA-256.
            """
    )

    @OptionGroup var options: ClientOptions
    @Argument(help: "The directory to be; it must not exist, or be empty.")
    var directory: String

    func run() async throws {
        try await reporting {
            let path = URL(filePath: directory).standardizedFileURL.path
            let client = try options.client(timeout: .seconds(6 * 3600))
            let answer = try await client.millrace("CreateBackup", ["directory": .string(path)])
            options.show(answer) {
                let size = Size.text(answer["bytes"]?.int ?? 0)
                Terminal.print(
                    "\(path): \(answer["files"]?.int ?? 0) files, \(size); \(answer["linkedFiles"]?.int ?? 0) of them share "
                        + "their bytes with the home."
                )
                for name in answer["missing"]?.array ?? [] {
                    Terminal.warn("\(Style.yellow("warning:")) \(name.string ?? "") is missing in the home too")
                }
            }
        }
    }
}

/// The command `millrace restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a home of a backup, once every byte of it was compared with the manifest.",
        discussion: "The home must not exist, or be empty. No service is needed; start one on it afterwards."
    )

    @Argument(help: "What `millrace backup` wrote.")
    var directory: String
    @Option(
        help: ArgumentHelp(
            "The home to be (environment: MILLRACE_HOME; default: .millrace).",
            valueName: "directory"
        )
    )
    var home: String?

    func run() async throws {
        try await reporting {
            let home = home ?? ProcessInfo.processInfo.environment["MILLRACE_HOME"] ?? Settings().home
            do throws(BackupError) {
                let manifest = try Restore.restore(directory, to: home)
                let date = Moment.text(.double(manifest.createdAt.timeIntervalSince1970))
                Terminal.print("\(home): \(manifest.files.count) files, \(Size.text(manifest.bytes)), as of \(date).")
            } catch {
                throw CommandError(message: error.description)
            }
        }
    }
}

/// The command `millrace doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what keeps the service from working, or soon will: limits, disk, clock, files.",
        discussion: """
            It looks at this machine, the home and the buckets itself, whether the service runs or not; give it the \
            settings of the service, and run it as its user. Ends with 1 when something fails.
            """
    )

    @OptionGroup var options: ServiceOptions
    @Flag(help: "Print JSON.")
    var json = false
    @Flag(help: "Compare indexes with their tables and snapshots with their hashes too, which reads everything.")
    var thorough = false

    func run() async throws {
        try await reporting {
            let settings = try await Settings.read(options)
            let findings = Doctor(settings: settings, now: Date(), isThorough: thorough).examine()
            let isWell = findings.allSatisfy { $0.status != .failed }
            if json {
                let report: JSON = ["isWell": .bool(isWell), "findings": .array(findings.map(\.json))]
                Terminal.print(report.prettyText)
            } else {
                print(findings)
            }
            if !isWell { throw MillraceExit.failure }
        }
    }

    private func print(_ findings: [Doctor.Finding]) {
        var table = Table("Check", "Status", "What was seen")
        for finding in findings {
            let status: String =
                switch finding.status {
                case .ok: Style.green("ok")
                case .warning: Style.yellow("warning")
                case .failed: Style.red("failed")
                }
            table.add(finding.check, status, finding.fact)
            if !finding.remedy.isEmpty { table.add("", "", "→ \(finding.remedy)") }
        }
        table.print()
    }
}
