import ArgumentParser
import Foundation
import HTTPAPI
import Logging
import SQLiteStore

/// The command `millrace serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the service: watch buckets, run pipelines, train, serve, tell.",
        discussion: """
            A drop of params.json, at the root of a bucket or in a folder of it, starts a run for the data beside it. \
            With access keys (MILLRACE_ACCESS_KEYS=ID:SECRET) requests must be signed by Signature Version 4; \
            without any the address must be a loopback one. \
            Settings come from flags, then MILLRACE_… variables, then config.json in the home directory.
            """
    )

    @OptionGroup var options: ServiceOptions

    func run() async throws {
        try await starting {
            let settings = try await Settings.read(options)
            let logger = Log.logger(level: settings.logLevel, format: settings.logFormat)
            let service = try MillraceService(
                settings: settings,
                logger: logger,
                environment: ProcessInfo.processInfo.environment
            )
            try await service.run { port in
                let buckets = settings.buckets.map { "s3://\($0.name) = \($0.path)" }.joined(separator: ", ")
                logger.info(
                    "millrace is running",
                    metadata: [
                        "endpoint": "http://\(settings.host):\(port)", "home": "\(settings.home)",
                        "requests": "\(settings.accessKeys.isEmpty ? "unsigned, from this machine only" : "signed")",
                        "buckets": "\(buckets.isEmpty ? "none; give one with --bucket" : buckets)",
                    ]
                )
            }
            try service.close()
        }
    }
}

/// Runs a service's work; what keeps it from starting is told in one line.
func starting(_ work: () async throws -> Void) async throws {
    try await reporting {
        do {
            try await work()
        } catch let error where !(error is CommandError || error is ClientError || error is ExitCode) {
            throw CommandError(message: "\(error)")
        }
    }
}
