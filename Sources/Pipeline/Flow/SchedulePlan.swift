internal import JSON
internal import Scheduler

/// The schedules that a configuration asks for.
///
/// | Name | Shape | A firing |
/// | --- | --- | --- |
/// | `GROUP-full`, `GROUP-import` | the sample's | imports, trains and deploys all; imports |
/// | `personalize-dataset-import-GROUP` | the successor's | imports |
/// | `solution-maintenance-full-SOLUTION`, `solution-maintenance-update-SOLUTION` | the successor's | trains and deploys one |
/// | `batch-inference-SOLUTION`, `batch-segment-SOLUTION` | the successor's | asks one in bulk |
enum SchedulePlan {
    private static let importPrefix = "personalize-dataset-import-"
    private static let fullPrefix = "solution-maintenance-full-"
    private static let updatePrefix = "solution-maintenance-update-"

    /// The definitions of a configuration's schedules; their group is the dataset group, so that those no longer asked
    /// for can be found.
    static func definitions(
        of configuration: PipelineConfiguration,
        run: PipelineRun
    ) throws(SchedulerError) -> [ScheduleDefinition] {
        var definitions: [ScheduleDefinition] = []
        for wish in wishes(of: configuration) {
            guard let expression = wish.expression else { continue }
            let schedules = configuration.schedules
            var definition = try ScheduleDefinition(
                key: Schedule.Key(name: wish.name, groupName: configuration.name),
                expression: ScheduleExpression(expression),
                timeZone: schedules?.timeZone ?? "UTC",
                target: target(bucket: run.bucket, key: run.key, mode: wish.mode, solution: wish.solution),
                catchUp: schedules?.catchUp ?? .once,
                overlap: schedules?.overlap ?? .skip,
                description: "from s3://\(run.bucket)/\(run.key)"
            )
            definition.flexibleMinutes = schedules?.jitter.map { max(1, Int(($0.seconds / 60).rounded())) }
            definition.grace = schedules?.grace.map { Int($0.seconds.rounded()) }
            definitions.append(definition)
        }
        return definitions
    }

    /// What becomes of the schedules of a group.
    struct Changes {
        /// What is asked for, beside what there is of that name.
        var wanted: [(definition: ScheduleDefinition, old: Schedule?)] = []
        /// What an earlier file asked for and this one does not; a user's own, of other names, are not among them.
        var unwanted: [Schedule.Key] = []
    }

    /// Compares what a configuration asks for with what there is.
    static func changes(
        for configuration: PipelineConfiguration,
        run: PipelineRun,
        _ scheduler: SchedulerService
    ) async throws -> Changes {
        let definitions = try definitions(of: configuration, run: run)
        let present = try await scheduler.schedules(inGroup: configuration.name)
        var changes = Changes()
        changes.wanted = definitions.map { definition in (definition, present.first { $0.key == definition.key }) }
        changes.unwanted = present.map(\.key).filter { key in
            isOurs(key.name, group: configuration.name) && !definitions.contains { $0.key == key }
        }
        return changes
    }

    private struct Wish {
        let name: String
        let expression: String?
        let mode: PipelineRun.Mode
        var solution: String?
    }

    private static func wishes(of configuration: PipelineConfiguration) -> [Wish] {
        let (group, schedules) = (configuration.name, configuration.schedules)
        guard configuration.shape == .mpe else {
            return [
                Wish(name: name(.full, of: group), expression: schedules?.full, mode: .full),
                Wish(name: name(.imports, of: group), expression: schedules?.imports, mode: .imports),
            ]
        }
        var wishes = [
            Wish(name: shortened(importPrefix, group), expression: schedules?.imports, mode: .imports)
        ]
        for solution in configuration.solutions {
            let name = solution.name
            wishes += [
                Wish(
                    name: shortened(fullPrefix, name),
                    expression: solution.fullSchedule,
                    mode: .full,
                    solution: name
                ),
                Wish(
                    name: shortened(updatePrefix, name),
                    expression: solution.updateSchedule,
                    mode: .update,
                    solution: name
                ),
            ]
            // One schedule does all the jobs of a kind, as the first that has one says.
            for kind in PipelineConfiguration.BatchJob.Kind.allCases {
                let expression = solution.batchJobs.first { $0.kind == kind && $0.schedule != nil }?.schedule
                let mode = kind == .inference ? PipelineRun.Mode.batchInference : .batchSegment
                wishes.append(
                    Wish(
                        name: shortened("\(mode.rawValue)-", name),
                        expression: expression,
                        mode: mode,
                        solution: name
                    )
                )
            }
        }
        return wishes
    }

    private static func isOurs(_ name: String, group: String) -> Bool {
        let prefixes = [fullPrefix, updatePrefix, "batch-inference-", "batch-segment-"]
        return [self.name(.full, of: group), self.name(.imports, of: group), shortened(importPrefix, group)]
            .contains(name) || prefixes.contains { name.hasPrefix($0) }
    }

    /// The name of a group's schedule; a long group name is cut and marked, since a schedule's may be but one longer.
    static func name(_ mode: PipelineRun.Mode, of group: String) -> String {
        let name = "\(group)-\(mode.rawValue)"
        guard name.utf8.count > ScheduleDefinition.maximumNameLength else { return name }
        let mark = "-\(Fingerprint.hexadecimal(of: group))-\(mode.rawValue)"
        return "\(group.prefix(ScheduleDefinition.maximumNameLength - mark.count))\(mark)"
    }

    /// A name after its prefix; one too long is cut and marked.
    private static func shortened(_ prefix: String, _ name: String) -> String {
        guard prefix.count + name.count > ScheduleDefinition.maximumNameLength else { return prefix + name }
        let mark = "-\(Fingerprint.hexadecimal(of: name))"
        return prefix + name.prefix(ScheduleDefinition.maximumNameLength - prefix.count - mark.count) + mark
    }

    static func target(
        bucket: String,
        key: String,
        mode: PipelineRun.Mode,
        solution: String? = nil
    ) -> ScheduleDefinition.Target {
        var input: JSON = ["bucket": .string(bucket), "key": .string(key), "mode": .string(mode.rawValue)]
        if let solution { input["solution"] = .string(solution) }
        return ScheduleDefinition.Target(kind: ScheduleDefinition.Target.pipelineKind, input: input)
    }
}
