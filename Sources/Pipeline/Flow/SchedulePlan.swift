internal import JSON
internal import Scheduler

/// The schedules that a configuration asks for.
enum SchedulePlan {
    /// The definitions of a configuration's schedules; their group is the dataset group, so that those no longer asked
    /// for can be found.
    static func definitions(
        of configuration: PipelineConfiguration,
        run: PipelineRun
    ) throws(SchedulerError) -> [ScheduleDefinition] {
        guard let schedules = configuration.schedules else { return [] }
        var definitions: [ScheduleDefinition] = []
        for (mode, text) in [(PipelineRun.Mode.full, schedules.full), (.imports, schedules.imports)] {
            guard let text else { continue }
            definitions.append(
                try ScheduleDefinition(
                    key: Schedule.Key(
                        name: name(mode, of: configuration.name),
                        groupName: configuration.name
                    ),
                    expression: ScheduleExpression(text),
                    timeZone: schedules.timeZone,
                    target: target(bucket: run.bucket, key: run.key, mode: mode),
                    description: "from s3://\(run.bucket)/\(run.key)"
                )
            )
        }
        return definitions
    }

    /// The name of a group's schedule; a long group name is cut and marked, since a schedule's may be but one longer.
    static func name(_ mode: PipelineRun.Mode, of group: String) -> String {
        let name = "\(group)-\(mode.rawValue)"
        guard name.utf8.count > ScheduleDefinition.maximumNameLength else { return name }
        let mark = "-\(Fingerprint.hexadecimal(of: group))-\(mode.rawValue)"
        return "\(group.prefix(ScheduleDefinition.maximumNameLength - mark.count))\(mark)"
    }

    static func target(bucket: String, key: String, mode: PipelineRun.Mode) -> ScheduleDefinition.Target {
        ScheduleDefinition.Target(
            kind: ScheduleDefinition.Target.pipelineKind,
            input: ["bucket": .string(bucket), "key": .string(key), "mode": .string(mode.rawValue)]
        )
    }
}
