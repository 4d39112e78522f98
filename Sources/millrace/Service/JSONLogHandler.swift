import Foundation
import JSON
import Logging

/// Writes the log as JSON, an object a line: `{"time":"2026-01-05T03:00:00.125Z","level":"info","message":"…",
/// "logger":"millrace","metadata":{"execution.arn":"…"}}`.
struct JSONLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let now: @Sendable () -> Date
    private let write: @Sendable ([UInt8]) -> Void

    /// A handler.
    ///
    /// - Parameters:
    ///   - label: The name of the logger.
    ///   - now: The time.
    ///   - write: Takes each line, whole and with its end; standard error unless given.
    init(
        label: String,
        now: @escaping @Sendable () -> Date = { Date() },
        write: @escaping @Sendable ([UInt8]) -> Void = JSONLogHandler.toStandardError
    ) {
        self.label = label
        self.now = now
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        all.merge(metadataProvider?.get() ?? [:]) { $1 }
        all.merge(event.metadata ?? [:]) { $1 }
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("time")
        writer.string(now().formatted(Self.timeFormat))
        writer.key("level")
        writer.string(event.level.rawValue)
        writer.key("message")
        writer.string(event.message.description)
        writer.key("logger")
        writer.string(label)
        if !all.isEmpty {
            writer.key("metadata")
            writer.value(Self.json(.dictionary(all)))
        }
        writer.endObject()
        writer.endLine()
        write(writer.utf8)
    }

    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func json(_ value: Logger.Metadata.Value) -> JSON {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value): .string(value.description)
        case .array(let values): .array(values.map(json))
        case .dictionary(let members):
            .object(JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }))
        }
    }

    /// One call of the system a line, so that lines of several threads do not mix.
    private static func toStandardError(_ line: [UInt8]) {
        try? FileHandle.standardError.write(contentsOf: Data(line))
    }
}

/// How the log is written.
enum LogFormat: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// For programs, an object a line.
    case json
}

/// The program's log: on standard error, a line an event.
enum Log {
    static func logger(level: Logger.Level, format: LogFormat = .text) -> Logger {
        var logger = Logger(label: "millrace") { label in
            switch format {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLogHandler(label: label)
            }
        }
        logger.logLevel = level
        return logger
    }
}
