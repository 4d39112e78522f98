/// Executions whose tasks wait for other executions, as far as something may have happened to them.
struct NestedBoard {
    /// Executions that have started another for a task, and have not yet saved that it waits.
    private var submitting: Set<String> = []
    /// Executions whose awaited ones may have ended.
    private var awaiting: Set<String> = []
    /// Executions that may have left others behind.
    private var abandoning: Set<String> = []

    /// What is to be looked at.
    struct Work: Sendable {
        var awaiting: Set<String>
        var abandoning: Set<String>
    }

    /// Notes that an execution has started another one that it will wait for.
    mutating func expectSubmission(of arn: String) { submitting.insert(arn) }

    /// Takes a step in that is on disk; true when there is something to look at.
    mutating func note(_ transition: Transition, abandonsTasks: Bool) -> Bool {
        let arn = transition.execution.arn
        var hasNews = abandonsTasks
        if abandonsTasks { abandoning.insert(arn) }
        if !transition.submittedTasks.isEmpty, submitting.remove(arn) != nil {
            awaiting.insert(arn)
            hasNews = true
        }
        if let task = transition.execution.parentTask, transition.isNew || !transition.outcomes.isEmpty {
            // One that begins may be late: the task may have ended while it was asked for.
            if transition.isNew { abandoning.insert(task.executionArn) }
            awaiting.insert(task.executionArn)
            hasNews = true
        }
        return hasNews
    }

    /// Hands out what is to be looked at.
    mutating func take() -> Work {
        defer { (awaiting, abandoning) = ([], []) }
        return Work(awaiting: awaiting, abandoning: abandoning)
    }

    /// Takes back what could not be looked at.
    mutating func putBack(_ work: Work) {
        awaiting.formUnion(work.awaiting)
        abandoning.formUnion(work.abandoning)
    }
}
