import ArgumentParser
import Foundation
import HTTPAPI
import JSON
import Personalize
import Recommenders

/// The command `millrace evaluate`.
struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare recipes and solution versions: judge all by the same events that were withheld.",
        discussion: """
            The data is a folder as a drop has it (params.json, Interactions/, Users/, Items/), a folder with a CSV file \
            of interactions, or such a file: USER_ID,ITEM_ID,TIMESTAMP and, where there are any, EVENT_TYPE and \
            EVENT_VALUE; headers such as userId,movieId,rating,timestamp are understood. Each recipe is trained on \
            what is not withheld. No service need run, and nothing is kept.

            Solution versions of a running service are judged beside them (--versions), on the data given or, without \
            any, on what their dataset group holds now. Their served models are asked where none has learnt from what \
            is withheld, else those by which their metrics were measured; how many withheld events a model has seen \
            is said of each. The split is then by the seed of the first version's training, as its metrics were.

              millrace evaluate example/
              millrace evaluate ratings.csv --recipes sims,popularity-count --protocol leave-last-out
              millrace evaluate example/ --json --html report.html
              millrace evaluate --versions films/1a2b3c4d,films --recipes popularity-count
              millrace evaluate new/ --versions films/1a2b3c4d,films

            Protocols: personalize keeps a tenth of the users out of training and asks for the newest tenth of their \
            events, as Amazon Personalize does; leave-last-out trains on all users and asks for the newest event of \
            each; strong-generalization keeps a tenth of the users out and asks for a random fifth of their events.

            The same data, seed and recipes give the same figures, whatever the number of threads. ± is half of the \
            interval of 95 %. Recall is the share of what could be found: of all relevant items, or of the list's length.
            """
    )

    @Argument(help: "The folder or the CSV file; where versions are given, their group's data when absent.")
    var data: String?
    @Option(
        help: ArgumentHelp(
            "The recipes, with commas between; all where neither these nor versions are given.",
            valueName: "a,b,c"
        )
    )
    var recipes: String?
    @Option(
        help: ArgumentHelp(
            "Solution versions, with commas between: an ARN, solution/id, or a solution's name for its newest.",
            valueName: "a,b,c"
        )
    )
    var versions: String?
    @Option(
        help: ArgumentHelp(
            "Where the service listens (environment: MILLRACE_ENDPOINT; default: http://127.0.0.1:8650).",
            valueName: "url"
        )
    )
    var endpoint: String?
    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp("Which events are withheld: \(names).", valueName: "protocol"),
        transform: holdOut
    )
    var holdOut: HoldOut = .personalize
    @Option(help: "What the split and all random numbers derive from; 42, or the versions' own, where not given.")
    var seed: UInt64?
    @Option(help: "How many threads work at once; as many as there are processors where not given.")
    var threads: Int?
    @Option(help: "How many settings of each recipe are tried on its training events; 1 takes the defaults.")
    var trials = 1
    @Option(help: "Leave out events whose EVENT_VALUE is less.")
    var eventValueThreshold: Double?
    @Flag(help: "Print all figures as JSON.")
    var json = false
    @Option(help: ArgumentHelp("Write a page with the table and charts.", valueName: "file"))
    var html: String?

    func validate() throws {
        guard trials >= 1 else { throw ValidationError("--trials \"\(trials)\" must be one or more") }
        if let threads, threads < 1 { throw ValidationError("--threads \"\(threads)\" must be one or more") }
        try validateVersions()
        do throws(EvaluationFault) {
            _ = try chosenRecipes
        } catch {
            throw ValidationError(error.description)
        }
    }

    func run() async throws {
        try await reporting {
            do {
                try checkPage()
                guard data != nil else { return try await showVersions() }
                try show(try compare(await openedVersions()))
            } catch let fault as EvaluationFault {
                throw CommandError(message: fault.description, exit: MillraceExit.invalidData)
            } catch let error as ImportError {
                throw CommandError(message: error.description, exit: MillraceExit.invalidData)
            } catch let error as RecommenderError {
                throw CommandError(message: error.message, exit: MillraceExit.invalidData)
            }
        }
    }

    private static let names = HoldOut.allCases.map(\.rawValue).joined(separator: ", ")

    private static func holdOut(_ name: String) throws -> HoldOut {
        guard let holdOut = HoldOut(rawValue: name) else {
            throw ValidationError("it must be one of \(names)")
        }
        return holdOut
    }

    private var chosenRecipes: [Recipe] {
        get throws(EvaluationFault) {
            guard let recipes else { return versions == nil ? Recipe.ofItems : [] }
            return try RecipeComparison.recipes(named: Self.list(recipes))
        }
    }

    static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private func compare(_ versions: [EvaluatedVersion]) throws -> ComparisonReport {
        let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        let data = try read(threads: threads)
        for warning in data.warnings { Terminal.warn("\(Style.yellow("warning:")) \(warning)") }
        var comparison = RecipeComparison(
            recipes: try chosenRecipes,
            holdOut: holdOut,
            seed: seed ?? versions.first?.seed ?? 42,
            threads: threads,
            trials: trials
        )
        comparison.versions = versions
        let start = ContinuousClock.now
        let line = ProgressLine()
        defer { line.clear() }
        return try comparison.run(
            on: data,
            seconds: { (ContinuousClock.now - start) / .seconds(1) },
            progress: { line.show($0) }
        )
    }

    /// Reads the data; the files that this needs are gone afterwards.
    private func read(threads: Int) throws -> EvaluationData {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "millrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        return try EvaluationData(
            path: data ?? "",
            scratch: scratch.path,
            minimumValue: eventValueThreshold,
            threads: threads
        )
    }

    /// Refuses a page that could not be written before any time is spent.
    private func checkPage() throws {
        guard let html else { return }
        let folder = URL(filePath: html).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw CommandError(message: "cannot write \"\(html)\"; does its folder exist?")
        }
    }

    private func show(_ result: ComparisonReport) throws {
        if let html {
            let name = URL(filePath: data ?? "").standardizedFileURL.lastPathComponent
            guard FileManager.default.createFile(atPath: html, contents: Data(result.page(title: name).utf8)) else {
                throw CommandError(message: "cannot write \"\(html)\"; may you write there?")
            }
        }
        defer { if result.lines.contains(where: { $0.version == nil }) { Terminal.warn(result.times) } }
        guard !json else { return Terminal.print(result.json.prettyText) }
        var table = Table(result.headings)
        for row in result.rows { table.add(row) }
        table.print()
        Terminal.print("\n\(result.summary)")
        for remark in result.remarks { Terminal.print(remark) }
    }
}

/// How far a comparison has come, on standard error: one line that changes, or a line a recipe where that is no terminal.
private final class ProgressLine: Sendable {
    private let isInteractive = isatty(STDERR_FILENO) == 1

    func show(_ progress: RecipeComparison.Progress) {
        let place = "\(progress.number)/\(progress.count) \(progress.recipe)"
        guard isInteractive else {
            if progress.training == nil { Terminal.warn("\(place) is done") }
            return
        }
        guard let training = progress.training else { return }
        let trial = training.trials > 0 ? ", trial \(training.trial) of \(training.trials)" : ""
        let epoch = training.epochs > 0 ? ", epoch \(training.epoch) of \(training.epochs)" : ""
        write("\r\u{1B}[K\(place) \(progressBar(training.fraction, width: 16)) \(training.stage)\(trial)\(epoch)")
    }

    func clear() {
        if isInteractive { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
