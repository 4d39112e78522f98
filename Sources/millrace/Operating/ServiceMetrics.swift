import Bucket
import DurableExecution
import Foundation
import HTTPAPI
import Personalize
import Pipeline
import SQLiteStore

extension MillraceService {
    /// What is told to who watches the service.
    var monitoring: Monitoring {
        Monitoring(
            metrics: { try await metrics() },
            readiness: { [readiness, store, surroundings] in
                let directories = buckets.buckets.map { (name: $0.name, directory: $0.root) }
                return await readiness.checks(store, directories, at: surroundings.now())
            }
        )
    }

    /// How late a schedule may fire and still count as on time.
    private static let punctuality: TimeInterval = 60

    private func metrics() async throws -> [MetricFamily] {
        let now = surroundings.now()
        let figures = try await store.figures(lateBefore: now.addingTimeInterval(-Self.punctuality))
        let version = MetricFamily.Sample(1, ("version", Millrace.version))
        return [MetricFamily(.gauge, "millrace_build_info", "The version that runs.", [version])]
            + Self.executionFamilies(engine.figures, figures)
            + Self.queueFamilies(figures, leaseAge: leaseAge(figures, now))
            + Self.recommenderFamilies(personalize.figures, figures)
            + (try await diskFamilies(figures)) + ProcessFigures.families
    }

    /// How long ago the lease that was renewed longest ago was renewed; `nil` when no task is at work.
    private func leaseAge(_ figures: StoreFigures, _ now: Date) -> Double? {
        figures.earliestLeaseEnd.map { end in
            max(0, engine.leaseDuration / .seconds(1) - end.timeIntervalSince(now))
        }
    }

    private static func executionFamilies(_ engine: EngineFigures, _ store: StoreFigures) -> [MetricFamily] {
        func ends(_ counts: [Execution.Status: Int]) -> [String: Int] {
            let all: [Execution.Status] = [.succeeded, .failed, .timedOut, .aborted]
            return Dictionary(uniqueKeysWithValues: all.map { ($0.rawValue, counts[$0] ?? 0) })
        }
        return [
            MetricFamily(
                .counter,
                "millrace_executions_started_total",
                "Executions that began or were redriven since the process did; Express ones are counted apart.",
                Double(engine.started)
            ),
            MetricFamily(
                .counter,
                "millrace_executions_finished_total",
                "Executions that ended since the process began, by status.",
                by: "status",
                ends(engine.ended)
            ),
            MetricFamily(
                .counter,
                "millrace_express_executions_started_total",
                "Express executions that began since the process did.",
                Double(engine.expressStarted)
            ),
            MetricFamily(
                .counter,
                "millrace_express_executions_finished_total",
                "Express executions that ended since the process began, by status.",
                by: "status",
                ends(engine.expressEnded)
            ),
            MetricFamily(
                .gauge,
                "millrace_executions",
                "Executions that are kept, by status; without the children of Map Runs.",
                by: "status",
                store.executions.merging(["RUNNING": 0]) { first, _ in first }
            ),
            MetricFamily(
                .counter,
                "millrace_states_entered_total",
                "States that executions entered since the process began.",
                Double(engine.statesEntered)
            ),
            MetricFamily(
                .counter,
                "millrace_tasks_performed_total",
                "Tasks that were brought to a result since the process began.",
                Double(engine.tasksPerformed)
            ),
        ]
    }

    private static func queueFamilies(_ store: StoreFigures, leaseAge: Double?) -> [MetricFamily] {
        let tasks = ["OFFERED": 0, "LEASED": 0, "SUBMITTED": 0].merging(store.tasks) { $1 }
        let deliveries = ["PENDING": 0, "SENT": 0, "PARKED": 0].merging(store.deliveries) { $1 }
        let counts: [(String, String, Int)] = [
            ("millrace_timers", "Waits and retries that are to come.", store.timers),
            ("millrace_outcomes_untold", "Ends of executions that nobody was told yet.", store.untoldOutcomes),
            ("millrace_express_executions_open", "Express executions that have not ended.", store.openExpress),
            ("millrace_map_runs_open", "Map Runs that have not ended.", store.openMapRuns),
            ("millrace_bucket_drops_pending", "Drops that wait to start a run.", store.pendingDrops),
            ("millrace_schedule_firings_pending", "Firings that wait to start something.", store.pendingFirings),
            ("millrace_schedules_enabled", "Schedules that are enabled.", store.enabledSchedules),
            (
                "millrace_schedules_late", "Schedules that were due more than a minute ago and have not fired.",
                store.lateSchedules
            ),
        ]
        let lease = leaseAge.map { [MetricFamily.Sample($0)] } ?? []
        return [
            MetricFamily(.gauge, "millrace_tasks", "Tasks that have not ended, by status.", by: "status", tasks),
            MetricFamily(
                .gauge,
                "millrace_task_lease_age_seconds",
                "Time since the lease of a task was renewed, of the one that was renewed longest ago.",
                lease
            ),
            MetricFamily(.gauge, "millrace_notifications", "Notifications, by status.", by: "status", deliveries),
            MetricFamily(
                .counter,
                "millrace_bucket_drops_total",
                "Configurations that were dropped into buckets since the home was made.",
                Double(store.drops)
            ),
        ] + counts.map { MetricFamily(.gauge, $0.0, $0.1, Double($0.2)) }
    }

    private static func recommenderFamilies(_ service: PersonalizeFigures, _ store: StoreFigures) -> [MetricFamily] {
        let types = Dictionary(uniqueKeysWithValues: DatasetType.allCases.map { ($0.rawValue, 0) })
        return [
            MetricFamily(
                .gauge,
                "millrace_resources",
                "Resources of the recommender service, by kind and status.",
                store.resources.map { MetricFamily.Sample(Double($0.count), ("kind", $0.kind), ("status", $0.status)) }
            ),
            MetricFamily(
                .counter,
                "millrace_records_put_total",
                "Events, items, users and actions that were put since the process began, by type of dataset.",
                by: "type",
                types.merging(service.recordsPut) { $1 }
            ),
            MetricFamily(
                .counter,
                "millrace_trainings_total",
                "Trainings that ended since the process began, by outcome.",
                by: "outcome",
                ["succeeded": service.trainings, "failed": service.failedTrainings]
            ),
            MetricFamily(
                .counter,
                "millrace_training_seconds_total",
                "How long the trainings that succeeded took together.",
                service.trainingSeconds
            ),
        ]
    }

    private func diskFamilies(_ store: StoreFigures) async throws -> [MetricFamily] {
        let home = settings.home
        let usage = try await Blocking.run { try DiskUsage(home: home) }
        let bytes = usage.amounts.map { ($0.key.rawValue, $0.value.bytes) }
        let files = usage.amounts.map { ($0.key.rawValue, $0.value.files) }
        return [
            MetricFamily(
                .gauge,
                "millrace_disk_bytes",
                "What the home takes on the disk, by kind.",
                by: "kind",
                Dictionary(uniqueKeysWithValues: bytes)
            ),
            MetricFamily(
                .gauge,
                "millrace_disk_files",
                "Files in the home, by kind.",
                by: "kind",
                Dictionary(uniqueKeysWithValues: files)
            ),
            MetricFamily(
                .gauge,
                "millrace_database_free_bytes",
                "How much of the database is free for new rows.",
                Double(store.freeBytes)
            ),
        ]
    }
}
