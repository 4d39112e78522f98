import ArgumentParser

/// The command line: a service, and a client for it.
@main
struct Millrace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millrace",
        abstract: "Turn a folder of CSV files and one params.json into a trained, served, fresh recommender.",
        discussion: """
            Try it in one go:      millrace run example/
            As a service:          millrace serve --bucket films=./films
            then drop data:        cp -r Users Items Interactions params.json ./films/
            and watch:             millrace executions watch
            and ask:               millrace recommend CAMPAIGN --user 42

            Every command but serve, run, validate, config convert, evaluate, eval, machines test, restore and doctor talks to a running service over HTTP. So do boto3 and the AWS \
            CLI, with their endpoint URL set to it.

            Exit codes: 0 done · 1 failed · 2 the execution did not succeed · 64 wrong usage · 65 a file is not valid \
            · 69 the service is not running.
            """,
        version: Millrace.version,
        subcommands: [
            Serve.self, Run.self, Validate.self, Eval.self, Status.self, Machines.self, Executions.self, Recommend.self,
            Rank.self, Batch.self,
            Evaluate.self, Replay.self, Lineage.self, Explain.self,
            Campaigns.self, Metrics.self, Drift.self, Schedules.self, NotificationsCommand.self, Plan.self, Apply.self,
            Destroy.self, Delete.self, FunctionsCommand.self, Config.self, GarbageCollection.self, Disk.self,
            BackupCommand.self, RestoreCommand.self, DoctorCommand.self, OperationsCommand.self,
        ]
    )

    /// The version of the program.
    static let version = "0.1.0"
}
