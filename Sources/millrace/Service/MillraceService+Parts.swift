import Bucket
import CustomRecipes
import DurableExecution
import DurableFiles
import Foundation
import Functions
import HTTPAPI
import JSON
import Logging
import Notifications
import Personalize
import Pipeline
import SQLiteStore
import Scheduler
import ServiceLifecycle
import UnixSignals

extension MillraceService {
    static func claim(_ home: String) throws -> DirectoryLock {
        try DirectoryListing.create(home)
        do throws(DirectoryLock.Failure) {
            return try DirectoryLock(home)
        } catch {
            switch error {
            case .heldByProcess(let process):
                let owner = process.map { "process \($0)" } ?? "another process"
                throw CommandError(
                    message: "home \"\(home)\" is used by \(owner); stop it, or choose another with --home"
                )
            case .file(let fault): throw fault
            }
        }
    }

    static func engine(
        _ parts: TaskParts,
        _ surroundings: Surroundings,
        _ store: SQLiteStore,
        _ logger: Logger
    ) -> Engine {
        let makeID = surroundings.makeID
        return Engine(
            store: store,
            tasks: tasks(parts),
            itemReader: BucketItemReader(buckets: parts.buckets, makeID: parts.newID),
            objectSink: BucketObjectSink(buckets: parts.buckets),
            logSink: LogFiles(directory: "\(parts.settings.home)/logs"),
            configuration: Engine.Configuration(
                names: parts.settings.names,
                transitions: parts.settings.transitions
            ),
            environment: Engine.Environment(
                now: surroundings.now,
                clock: surroundings.clock,
                makeID: parts.newID,
                makeSeed: { makeID().seed }
            ),
            logger: logger
        )
    }

    static func dispatcher(
        _ settings: Settings,
        _ surroundings: Surroundings,
        _ outbox: Outbox,
        _ store: SQLiteStore,
        _ logger: Logger
    ) throws -> Dispatcher {
        var configuration = Dispatcher.Configuration(maildir: "\(settings.home)/mail")
        configuration.sender = settings.mailFrom
        configuration.sendmail = settings.sendmail ?? configuration.sendmail
        configuration.templates = try MailTemplates(directory: "\(settings.home)/templates", kinds: Notices.kinds)
        try configuration.validate()
        var generator = SystemRandomNumberGenerator()
        let secret = try WebhookSecret.load(orCreateAt: "\(settings.home)/webhook-secret") { count in
            (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        }
        return Dispatcher(
            outbox: outbox,
            store: store,
            configuration: configuration,
            secret: secret,
            clock: surroundings.clock,
            logger: logger,
            now: surroundings.now,
            random: surroundings.random
        )
    }

    static func scheduler(
        _ surroundings: Surroundings,
        _ store: SQLiteStore,
        _ engine: Engine,
        _ notices: Notices,
        _ targets: LateBound<ScheduleTargets>,
        _ newID: @escaping @Sendable () -> String,
        _ logger: Logger
    ) -> SchedulerService {
        SchedulerService(
            store: store,
            clock: surroundings.clock,
            now: surroundings.now,
            makeID: newID,
            logger: logger,
            isRunning: { arn in
                do throws(ExecutionError) {
                    return try await engine.describeExecution(arn).status == .running
                } catch {
                    // An Express execution cannot be asked: nobody waits for one.
                    guard error.code == .executionDoesNotExist || error.code == .invalidArn else { throw error }
                    return false
                }
            },
            stop: { arn, error, cause in _ = try await engine.stopExecution(arn, error: error, cause: cause) },
            tell: { run in try await notices.tell(run) },
            fire: { firing, schedule in
                guard let targets = targets.value else {
                    throw CommandError(message: "the pipeline is not wired yet")
                }
                return try await targets.fire(firing, schedule)
            }
        )
    }
}

extension UUID {
    /// Its first eight bytes as a seed.
    fileprivate var seed: UInt64 {
        let bytes = uuid
        return [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5, bytes.7, bytes.9].reduce(0) {
            $0 << 8 | UInt64($1)
        }
    }
}
