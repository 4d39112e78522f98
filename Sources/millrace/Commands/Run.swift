import ArgumentParser
import Foundation
import HTTPAPI
import JSON
import Logging
import Pipeline
import SQLiteStore
import ServiceLifecycle
import UnixSignals

/// The command `millrace run`.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the whole pipeline of a folder in the foreground, then print recommendations.",
        discussion: """
            The folder holds params.json and the CSV files in Interactions/, and where there are any Items/ and Users/. \
            The service runs in this process and ends with it; all state stays in the home directory, so that \
            `millrace serve` goes on from there.
            """
    )

    @Argument(help: "The folder with params.json.")
    var folder: String
    @OptionGroup var options: ServiceOptions
    @Option(help: "The user to recommend to; one of the data where not given.")
    var user: String?
    @Option(name: [.customShort("n"), .long], help: "How many recommendations.")
    var count = 10

    func run() async throws {
        try await starting {
            var settings = try await Settings.read(options)
            settings.port = options.port ?? 0
            settings.logLevel = options.logLevel ?? .warning
            let bucket = try Settings.bucketDirectory(folder)
            settings.buckets = [Settings.BucketDirectory(name: Self.bucketName(bucket.name), path: bucket.path)]
            let path = "\(bucket.path)/\(ParamsFile.fileName)"
            guard let params = FileManager.default.contents(atPath: path) else {
                throw CommandError(message: "cannot read \"\(path)\"; `millrace run` needs a folder with a params.json")
            }
            let service = try MillraceService(settings: settings, logger: Log.logger(level: settings.logLevel))
            try await run(service, Array(params))
            try service.close()
        }
    }

    private func run(_ service: MillraceService, _ params: [UInt8]) async throws {
        try await service.prepare()
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let group = service.group(watchesBuckets: false, signals: [.sigterm, .sigint]) { found.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { found.finish() }
                try await group.run()
            }
            var failure: (any Error)?
            for await port in ports {
                // A run that failed is no reason to cut the service off: it shuts down in order either way.
                do { try await follow(service, params, port) } catch { failure = error }
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            if let failure { throw failure }
        }
    }

    private func follow(_ service: MillraceService, _ params: [UInt8], _ port: Int) async throws {
        let client = Client(
            endpoint: try Self.url(of: service.settings.host, port),
            signing: service.settings.accessKeys.first.map(Client.Signing.init)
        )
        let run = PipelineRun(
            bucket: service.settings.buckets[0].name,
            key: ParamsFile.fileName,
            date: service.surroundings.now(),
            suffix: String(service.surroundings.makeID().uuidString.prefix(8)).lowercased(),
            mode: .full
        )
        guard case .started(let executionARN) = try await service.launcher.launch(run, content: params) else {
            throw CommandError(
                message: "a run of this dataset group is going on in this home; redrive or stop it first"
            )
        }
        var watcher = ExecutionWatcher(client: client, executionARN: executionARN, format: .table)
        guard try await watcher.watch() == "SUCCEEDED" else { throw MillraceExit.executionFailed }
        let report = RunReport(client: client, executionARN: executionARN, count: count)
        try await report.print(user: user ?? Self.someUser(in: service.settings.buckets[0].path))
    }

    private static func url(of host: String, _ port: Int) throws -> URL {
        guard let url = URL(string: "http://\(host):\(port)") else {
            throw CommandError(message: "host \"\(host)\" makes no URL; choose another with --host")
        }
        return url
    }

    /// A folder's name as a bucket's: three letters at least, none of them large.
    private static func bucketName(_ name: String) -> String {
        let letters = name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let trimmed = String(letters).trimmingCharacters(in: CharacterSet(charactersIn: "-"))
        return trimmed.count < 3 ? "bucket" : String(trimmed.prefix(63))
    }

    /// The user of the first row of the interactions.
    private static func someUser(in folder: String) -> String? {
        let directory = "\(folder)/Interactions"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        guard let name = names.filter({ $0.lowercased().hasSuffix(".csv") }).min(),
            let file = FileHandle(forReadingAtPath: "\(directory)/\(name)"),
            let head = try? file.read(upToCount: 4096)
        else { return nil }
        let lines = String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard lines.count > 1,
            let column = lines[0].split(separator: ",").firstIndex(where: { $0.contains("USER_ID") })
        else { return nil }
        let fields = lines[1].split(separator: ",", omittingEmptySubsequences: false)
        return column < fields.count ? fields[column].trimmingCharacters(in: CharacterSet(charactersIn: "\"")) : nil
    }
}
