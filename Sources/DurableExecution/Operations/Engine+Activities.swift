import FoundationEssentials
public import JSON
import ServiceLifecycle
import StatesLanguage
import Synchronization

extension Engine {
    /// How long a worker's poll waits for a task.
    private static let pollSeconds = 60.0

    /// Creates an activity; the same name twice is one activity.
    ///
    /// - Parameters:
    ///   - name: Its name; unique in the account.
    ///   - options: `encryptionConfiguration`; kept and shown.
    ///   - tags: Tags to put on it; those of an activity that exists stay.
    /// - Returns: The activity.
    /// - Throws: `InvalidName`, `ServiceUnavailable`.
    public func createActivity(
        _ name: String,
        options: JSON = .object(JSONObject()),
        tags: [Tag] = []
    ) async throws(ExecutionError) -> Activity {
        try ResourceNames.check(name: name)
        let activity = Activity(
            arn: configuration.names.activity(name),
            name: name,
            creationDate: now,
            options: options
        )
        let stored = try await saved { try await store.insert(activity, tags: tags) }
        activityARNs.withLock { _ = $0.insert(stored.arn) }
        return stored
    }

    /// Finds an activity.
    ///
    /// - Parameter arn: Its ARN.
    /// - Returns: The activity.
    /// - Throws: `InvalidArn`, `ActivityDoesNotExist`, `ServiceUnavailable`.
    public func describeActivity(_ arn: String) async throws(ExecutionError) -> Activity {
        try ResourceNames.check(arn, is: .activity)
        guard let activity = try await saved({ try await store.activity(arn) }) else { throw .noActivity(arn) }
        return activity
    }

    /// Deletes an activity; its tasks wait until their time is over.
    ///
    /// Deleting what does not exist does nothing.
    ///
    /// - Parameter arn: Its ARN.
    /// - Throws: `InvalidArn`, `ServiceUnavailable`.
    public func deleteActivity(_ arn: String) async throws(ExecutionError) {
        try ResourceNames.check(arn, is: .activity)
        try await saved { try await store.deleteActivity(arn) }
        activityARNs.withLock { _ = $0.remove(arn) }
    }

    /// Lists activities by name.
    ///
    /// - Parameters:
    ///   - maxResults: From 0 to 1,000; 0 and `nil` stand for 100.
    ///   - nextToken: What the page before ended with.
    /// - Returns: A page.
    /// - Throws: `InvalidToken`, `ValidationException`, `ServiceUnavailable`.
    public func listActivities(
        maxResults: Int? = nil,
        nextToken: String? = nil
    ) async throws(ExecutionError) -> Page<Activity> {
        try await page("activities", maxResults, nextToken) { try await store.activities($0) }
    }

    /// Waits for a task of an activity, up to a minute; who waits longest gets the oldest.
    ///
    /// That the worker has started it is in the history before this returns. When the caller's task is cancelled or
    /// the service shuts down, the wait ends without a task.
    ///
    /// - Parameters:
    ///   - arn: The activity's ARN.
    ///   - workerName: The worker's name for the history.
    /// - Returns: The task; `nil` when there was none.
    /// - Throws: `InvalidArn`, `ActivityDoesNotExist`, `ServiceUnavailable`.
    public func activityTask(
        of arn: String,
        workerName: String? = nil
    ) async throws(ExecutionError) -> ActivityTask? {
        _ = try await describeActivity(arn)
        let id = polls.withLock { $0.makeID() }
        defer { polls.withLock { $0.forget(id) } }
        return await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await withCheckedContinuation { continuation in
                    park(id, arn, workerName) { continuation.resume(returning: $0) }
                }
            } onGracefulShutdown: {
                self.leavePoll(id)
            }
        } onCancel: {
            leavePoll(id)
        }
    }

    private func park(_ id: Int, _ arn: String, _ workerName: String?, _ reply: @escaping ActivityPolls.Reply) {
        let poll = ActivityPolls.Poll(
            id: id,
            activityARN: arn,
            workerName: workerName,
            deadline: now.addingTimeInterval(Self.pollSeconds),
            reply: reply
        )
        let isClosed = agenda.withLock(\.isClosed)
        guard !isClosed, polls.withLock({ $0.add(poll) }) else { return reply(nil) }
        pollSignal.give()
        pollDeadlineSignal.give()
    }

    private func leavePoll(_ id: Int) {
        polls.withLock { $0.leave(id) }?.reply(nil)
    }
}

// MARK: - Tokens

extension Engine {
    /// Reads the secret of task tokens, and makes it when there is none yet.
    func loadTokenKey() async throws {
        let new = (0..<4).flatMap { _ in environment.makeSeed().bytes }
        let key = try await store.secret("taskToken", orInsert: new)
        tokenKey.withLock { $0 = key }
    }
}

extension UInt64 {
    /// Its eight bytes, the least first.
    fileprivate var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (8 * UInt64($0))) } }
}
