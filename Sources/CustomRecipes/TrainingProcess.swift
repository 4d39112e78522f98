internal import ChildProcesses
internal import DurableFiles
internal import Personalize
internal import Synchronization

/// One run of a recipe's `train`.
struct TrainingProcess: Sendable {
    let runner: Runner
    let training: ProgramTraining
    let log: ProgramLog
    let clock: any Clock<Duration>

    /// How long a program that is to end may take for it.
    private static let grace = Duration.seconds(10)

    /// Runs it to its end.
    ///
    /// - Returns: The metrics that it told.
    /// - Throws: `ProgramFault` in words for a version's `failureReason`; `CancellationError` when it was stopped.
    func run() async throws -> [String: Double] {
        let layout = runner.layout(training.root)
        try layout.prepare(training)
        let metrics = ToldMetrics(runner.file.metrics)
        let output = ProcessOutput.lines(longest: ProgramLog.longestLine) { [log] line in
            log.append(line)
            metrics.read(line.text)
        }
        let child = try await start(output)
        let isLate = Mutex(false)
        let limit = Task { [clock, runner] in
            try await clock.sleep(for: runner.file.trainTime)
            isLate.withLock { $0 = true }
            child.stop(grace: Self.grace)
        }
        defer { limit.cancel() }
        let ending = await withTaskCancellationHandler {
            await child.ended()
        } onCancel: {
            child.stop(grace: Self.grace)
        }
        await removeContainer()
        try Task.checkCancellation()
        if isLate.withLock(\.self) {
            throw fault("has not ended within \(runner.file.trainTime.components.seconds) seconds; raise trainSeconds")
        }
        guard ending.isSuccess else { throw failure(ending, layout) }
        return metrics.values
    }

    private func start(_ output: ProcessOutput) async throws -> ChildProcess {
        do {
            return try await ChildProcess.start(try runner.training(training), output: output, errors: output)
        } catch let error as ProcessError {
            throw ProgramFault(.failed, "recipe \"\(runner.file.recipe.name)\": \(error)")
        }
    }

    private func removeContainer() async {
        guard let removal = runner.removal(of: training.label) else { return }
        _ = await (try? ChildProcess.start(removal))?.ended()
    }

    private func failure(_ ending: ProcessEnding, _ layout: ContainerLayout) -> ProgramFault {
        if ending.exceeded == .residentMemory, let memory = runner.file.memory {
            return fault("was killed: it held more than \(memory >> 20) MB; raise memoryMegabytes")
        }
        if let own = layout.failure { return fault("failed (\(ending)): \(own)") }
        return fault("failed: \(ending)\(log.lastWords)")
    }

    private func fault(_ fact: String) -> ProgramFault {
        ProgramFault(.failed, "train of recipe \"\(runner.file.recipe.name)\" \(fact)")
    }
}
