public import ArgumentParser
import Configuration
import Foundation
import HTTPAPI
import Integrity
import JSON
public import Logging
import Personalize
import Pipeline
import StatesLanguage

/// What a service is started with: flags first, then the environment, then `config.json` in the home directory.
///
/// | Flag | Environment | Key in `config.json` | Default |
/// | --- | --- | --- | --- |
/// | `--home` | `MILLRACE_HOME` | | `.millrace` |
/// | `--bucket` | `MILLRACE_BUCKETS` (comma separated) | `buckets` | |
/// | `--recipes` | `MILLRACE_RECIPES` | `recipes` | `recipes` in the home |
/// | `--host` | `MILLRACE_HTTP_HOST` | `http.host` | `127.0.0.1` |
/// | `--port` | `MILLRACE_HTTP_PORT` | `http.port` | 8650 |
/// | `--log-level` | `MILLRACE_LOG_LEVEL` | `log.level` | `info` |
/// | `--log-format` | `MILLRACE_LOG_FORMAT` | `log.format` | `text` |
/// | `--poll-seconds` | `MILLRACE_POLL_SECONDS` | `poll.seconds` | 1 |
/// | | `MILLRACE_REGION` | `region` | `us-east-1` |
/// | | `MILLRACE_ACCOUNT` | `account` | `000000000000` |
/// | | `MILLRACE_MINIMUM_INTERACTIONS` | `minimum.interactions` | 1000 |
/// | | `MILLRACE_MINIMUM_USERS` | `minimum.users` | 25 |
/// | | `MILLRACE_TRAINING_THREADS` | `training.threads` | 2 |
/// | | `MILLRACE_HISTORY_LENGTH` | `history.length` | 100 latest items of a user are folded in |
/// | | `MILLRACE_MAXIMUM_PENDING_JOBS` | `maximum.pending.jobs` | 100 of one kind |
/// | | `MILLRACE_MAXIMUM_RESOURCES` | `maximum.resources` | 10000 of one kind |
/// | | `MILLRACE_MAXIMUM_FILTERS` | `maximum.filters` | 1000 a dataset group; 30 is AWS's |
/// | | `MILLRACE_MAXIMUM_FILTER_FIELDS` | `maximum.filter.fields` | 100 a filter; 10 is AWS's |
/// | | `MILLRACE_MAXIMUM_FILTERED_FIELDS` | `maximum.filtered.fields` | 1000 a dataset group; 20 is AWS's |
/// | | `MILLRACE_MAXIMUM_LIVE_EVENTS` | `maximum.live.events` | 200000, then they become a snapshot |
/// | | `MILLRACE_MAXIMUM_LIVE_RECORDS` | `maximum.live.records` | 1000, then they become a snapshot |
/// | | `MILLRACE_MAXIMUM_PUT_SNAPSHOTS` | `maximum.put.snapshots` | 8, then they are merged |
/// | | `MILLRACE_MAXIMUM_DELETION_BYTES` | `maximum.deletion.bytes` | 52428800 a data deletion job |
/// | | `MILLRACE_BATCH_PART_SIZE` | `batch.part.size` | 65536 questions, which a crash does not undo |
/// | | `MILLRACE_MAIL_SENDMAIL` | `mail.sendmail` | none: mail goes to the spool |
/// | | `MILLRACE_MAIL_FROM` | `mail.from` | `millrace@localhost` |
/// | | `MILLRACE_TRANSITIONS_LIMIT` | `transitions.limit` | 250000 an execution, then it fails |
/// | | `MILLRACE_HISTORY_LIMIT` | `history.limit` | none: any number of events; 25000 is AWS's |
/// | | `MILLRACE_TRANSITIONS_RATE` | `transitions.rate` | none: any number within a second |
/// | | `MILLRACE_ACCESS_KEYS` (`ID:SECRET`, comma separated) | `access.keys` | none: loopback only, requests unsigned |
/// | | `MILLRACE_FUNCTIONS_FOLDER` | `functions.folder` | `functions` in the home |
/// | | `MILLRACE_FUNCTIONS_PYTHON` | `functions.python` | `python3` |
/// | | | `connections` | none: HTTP tasks name no connection |
///
/// What is kept for how long is set by `RetentionSettings`.
struct Settings: Sendable {
    /// A directory that is a bucket.
    struct BucketDirectory: Sendable, Equatable {
        let name: String
        let path: String
    }

    var home = ".millrace"
    var buckets: [BucketDirectory] = []
    /// The directory of custom recipes; that of the home where nothing is said.
    var recipes: String?
    var host = "127.0.0.1"
    var port = 8650
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.text
    var retention = RetentionSettings()
    var pollSeconds = 1
    var personalize = PersonalizeService.Configuration()
    var sendmail: String?
    var mailFrom = "millrace@localhost"
    var connections: [Connection] = []
    var accessKeys: [AccessKey] = []
    var transitions = Interpreter.Configuration()
    var functions = Functions()

    /// Where functions are, and what runs those of Python.
    struct Functions: Sendable, Equatable {
        var folder: String?
        var python: String?
    }
}

extension Settings {
    /// Reads the settings for a service.
    ///
    /// - Parameters:
    ///   - options: The flags.
    ///   - environment: The environment's variables.
    /// - Returns: The settings, checked.
    /// - Throws: `CommandError` that names the setting, its value and what it must be.
    static func read(
        _ options: ServiceOptions,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws -> Settings {
        var settings = Settings()
        settings.home = options.home ?? environment["MILLRACE_HOME"] ?? settings.home
        let reader = try SettingsReader(home: settings.home, environment: environment)
        let buckets = options.bucket.isEmpty ? reader.strings("buckets") : options.bucket
        settings.buckets = try buckets.map(bucketDirectory)
        settings.recipes = options.recipes ?? reader.string("recipes")
        settings.host = options.host ?? reader.string("http.host") ?? settings.host
        settings.port = try options.port ?? reader.integer("http.port", in: 0...65535) ?? settings.port
        settings.logLevel = try options.logLevel ?? reader.logLevel() ?? settings.logLevel
        settings.logFormat = try options.logFormat ?? reader.logFormat() ?? settings.logFormat
        settings.retention = try reader.retention()
        settings.pollSeconds =
            try options.pollSeconds ?? reader.integer("poll.seconds", in: 1...86_400) ?? settings.pollSeconds
        settings.personalize = try reader.personalize()
        let counts = 1...Int.max
        settings.sendmail = reader.string("mail.sendmail")
        settings.mailFrom = reader.string("mail.from") ?? settings.mailFrom
        settings.transitions.transitionLimit =
            try reader.integer("transitions.limit", in: counts) ?? settings.transitions.transitionLimit
        settings.transitions.transitionsPerSecond = try reader.integer("transitions.rate", in: counts)
        settings.transitions.historyLimit = try reader.integer("history.limit", in: counts)
        settings.functions.folder = reader.string("functions.folder")
        settings.functions.python = reader.string("functions.python")
        settings.connections = try connections(inHome: settings.home)
        settings.accessKeys = try accessKeys(reader.strings("access.keys"))
        if let fault = settings.server.validate().first { throw CommandError(message: fault) }
        return settings
    }

    /// `NAME=DIR`, or `DIR` alone, which is named after its last component.
    static func bucketDirectory(_ text: String) throws -> BucketDirectory {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        let path = parts.last ?? ""
        guard !path.isEmpty else {
            throw CommandError(message: "--bucket \"\(text)\" must be NAME=DIRECTORY or DIRECTORY")
        }
        let url = URL(filePath: path).standardizedFileURL
        let name = parts.count == 2 ? parts[0] : url.lastPathComponent.lowercased().replacing("_", with: "-")
        return BucketDirectory(name: name, path: url.path)
    }
}

/// The environment and the file behind it, as one source.
private struct SettingsReader {
    private let reader: ConfigReader

    init(home: String, environment: [String: String]) throws {
        let own = environment.filter { $0.key.hasPrefix("MILLRACE_") }
            .map { (String($0.key.dropFirst("MILLRACE_".count)), $0.value) }
        let variables = EnvironmentVariablesProvider(
            environmentVariables: Dictionary(own, uniquingKeysWith: { first, _ in first })
        )
        reader = ConfigReader(providers: [variables, InMemoryProvider(values: try Self.file("\(home)/config.json"))])
    }

    /// What stands in the file; lists of objects are read by who knows them, as `connections` are.
    private static func file(_ path: String) throws -> [AbsoluteConfigKey: ConfigValue] {
        guard let data = FileManager.default.contents(atPath: path) else { return [:] }
        do {
            var values: [AbsoluteConfigKey: ConfigValue] = [:]
            gather(try JSON(parsing: Array(data)), at: [], into: &values)
            return values
        } catch {
            throw CommandError(
                message: "cannot read \"\(path)\": it is not valid JSON (\(error))",
                exit: MillraceExit.invalidData
            )
        }
    }

    private static func gather(_ json: JSON, at key: [String], into values: inout [AbsoluteConfigKey: ConfigValue]) {
        let content: ConfigContent? =
            switch json {
            case .string(let text): .string(text)
            case .bool(let value): .bool(value)
            case .array(let elements):
                elements.allSatisfy { $0.string != nil } ? .stringArray(elements.compactMap(\.string)) : nil
            default: json.int.map(ConfigContent.int) ?? json.double.map(ConfigContent.double)
            }
        if let content { values[AbsoluteConfigKey(key)] = ConfigValue(content, isSecret: false) }
        for (name, member) in json.object ?? [:] {
            gather(member, at: key + name.split(separator: ".").map(String.init), into: &values)
        }
    }

    func string(_ key: ConfigKey) -> String? { reader.string(forKey: key) }

    func strings(_ key: ConfigKey) -> [String] { reader.stringArray(forKey: key) ?? [] }

    func integer(_ key: ConfigKey, in range: ClosedRange<Int>) throws -> Int? {
        let value = reader.int(forKey: key)
        if let value, range.contains(value) { return value }
        guard let text = value.map(String.init) ?? reader.string(forKey: key) else { return nil }
        let name = key.description
        throw CommandError(
            message: "setting \(name) \"\(text)\" must be a whole number from \(range.lowerBound)"
                + (range.upperBound == .max ? "" : " to \(range.upperBound)")
        )
    }

    /// What is set about the recommender.
    func personalize() throws -> PersonalizeService.Configuration {
        var configuration = PersonalizeService.Configuration()
        configuration.region = string("region") ?? configuration.region
        configuration.account = string("account") ?? configuration.account
        let threads = try integer("training.threads", in: 1...1024)
        configuration.trainingThreads = threads ?? configuration.trainingThreads
        let counts: [(ConfigKey, WritableKeyPath<PersonalizeService.Configuration, Int>)] = [
            ("minimum.interactions", \.minimumInteractions), ("minimum.users", \.minimumUsers),
            ("history.length", \.historyLength), ("maximum.pending.jobs", \.maximumPendingImports),
            ("maximum.resources", \.maximumResourcesPerKind), ("maximum.filters", \.maximumFiltersPerGroup),
            ("maximum.filter.fields", \.maximumFieldsPerFilter),
            ("maximum.filtered.fields", \.maximumFilteredFieldsPerGroup),
            ("maximum.live.events", \.maximumLiveEvents), ("maximum.live.records", \.maximumLiveRecords),
            ("maximum.put.snapshots", \.maximumPutSnapshots),
            ("maximum.deletion.bytes", \.maximumDeletionFileSize), ("batch.part.size", \.batchPartSize),
        ]
        for (key, member) in counts {
            if let value = try integer(key, in: 1...Int.max) { configuration[keyPath: member] = value }
        }
        return configuration
    }

    /// What is set about what is kept.
    func retention() throws -> RetentionSettings {
        var retention = RetentionSettings()
        let ages: [(ConfigKey, WritableKeyPath<RetentionSettings, RetentionSettings.Age>)] = [
            ("retention.executions", \.executions), ("retention.jobs", \.jobs), ("retention.logs", \.logs),
            ("retention.interval", \.interval),
        ]
        for (key, member) in ages {
            guard let text = string(key) else { continue }
            guard let age = RetentionSettings.Age(text) else {
                let remedy = "must be a length of time such as \"90 days\", or \"forever\""
                throw CommandError(message: "setting \(key.description) \"\(text)\" \(remedy)")
            }
            retention[keyPath: member] = age
        }
        // Fewer would leave nothing to go back to, and an update nothing to learn on from.
        retention.versions = try integer("retention.versions", in: 2...Int.max) ?? retention.versions
        retention.logBytes = try integer("retention.log.bytes", in: 4096...Int.max) ?? retention.logBytes
        return retention
    }

    func logFormat() throws -> LogFormat? {
        guard let text = string("log.format") else { return nil }
        guard let format = LogFormat(rawValue: text) else {
            throw CommandError(message: "setting log.format \"\(text)\" must be text or json")
        }
        return format
    }

    func logLevel() throws -> Logger.Level? {
        guard let text = reader.string(forKey: "log.level") else { return nil }
        guard let level = Logger.Level(rawValue: text) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandError(message: "setting log.level \"\(text)\" must be one of \(levels)")
        }
        return level
    }
}

/// The flags of `serve`, which `run` has some of.
struct ServiceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where all state lives (environment: MILLRACE_HOME; default: .millrace).",
            valueName: "directory"
        )
    )
    var home: String?

    @Option(
        help: ArgumentHelp("A bucket: NAME=DIRECTORY, or DIRECTORY; may be given several times.", valueName: "bucket")
    )
    var bucket: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where custom recipes lie, a directory each (default: recipes in the home).",
            valueName: "directory"
        )
    )
    var recipes: String?

    @Option(help: ArgumentHelp("The address to listen on (default: 127.0.0.1).", valueName: "address"))
    var host: String?

    @Option(help: ArgumentHelp("The port to listen on; 0 takes a free one (default: 8650).", valueName: "number"))
    var port: Int?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: Logger.Level?

    @Option(help: ArgumentHelp("text for people, json for programs (default: text).", valueName: "format"))
    var logFormat: LogFormat?

    @Option(
        help: ArgumentHelp(
            "How long the pipeline waits between two looks at a resource (default: 1).",
            valueName: "seconds"
        )
    )
    var pollSeconds: Int?
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}
