import FoundationEssentials
import JSON
import Logging
import StatesLanguage
import Synchronization

extension Engine {
    /// A task that is to go to a poll.
    private struct Match: Sendable {
        var poll: ActivityPolls.Poll
        var task: ScheduledTask
    }

    /// Gives offered tasks to those who poll for them, oldest to oldest.
    func serveActivityPolls() async {
        var failures = 0
        while !Task.isCancelled {
            let servable = polls.withLock { $0.takeServable(limit: configuration.batchLimit) }
            guard !servable.isEmpty else {
                await pollSignal.wait()
                continue
            }
            var waiting = servable.values.flatMap(\.self)
            do {
                for match in try await claims(servable) {
                    waiting.removeAll { $0.id == match.poll.id }
                    let poll = polls.withLock { $0.complete(match.poll.id) }
                    let request = match.task.request
                    poll?.reply(ActivityTask(token: request.token, input: request.input.text))
                }
                failures = 0
                putBack(waiting)
            } catch {
                failures += 1
                logger.error("activity tasks cannot be read", metadata: ["error": "\(error)"])
                putBack(waiting)
                for arn in servable.keys { _ = polls.withLock { $0.noteTask(of: arn) } }
                await backOff(failures, or: pollSignal)
            }
        }
    }

    private func putBack(_ waiting: [ActivityPolls.Poll]) {
        let now = now
        for poll in polls.withLock({ $0.putBack(waiting, at: now) }) { poll.reply(nil) }
    }

    /// Has tasks recorded as started, and returns those that are; the others have ended or will be tried again.
    private func claims(_ servable: [String: [ActivityPolls.Poll]]) async throws -> [Match] {
        var matches: [Match] = []
        for (arn, waiting) in servable {
            let tasks = try await store.offeredTasks(ofActivity: arn, limit: waiting.count)
            matches += zip(waiting, tasks).map { Match(poll: $0, task: $1) }
            if tasks.count == waiting.count { polls.withLock { _ = $0.noteTask(of: arn) } }
        }
        return await withTaskGroup { group in
            for match in matches { group.addTask { await self.isClaimed(match) ? match : nil } }
            return await group.reduce(into: []) { claimed, match in
                if let match { claimed.append(match) }
            }
        }
    }

    private func isClaimed(_ match: Match) async -> Bool {
        let task = match.task
        do {
            let letter = Delivery.Letter.claim(task: task.request.id, workerName: match.poll.workerName)
            _ = try await request(letter, of: task.executionArn)
            return true
        } catch {
            polls.withLock { _ = $0.noteTask(of: match.poll.activityARN) }
            return false
        }
    }

    /// Answers the polls whose time is over; one sleeper for all of them, and none while nobody polls.
    func expireActivityPolls() async {
        while !Task.isCancelled {
            let now = now
            let (expired, next) = polls.withLock { $0.expire(at: now) }
            for poll in expired { poll.reply(nil) }
            if let next {
                await sleep(until: next, or: pollDeadlineSignal)
            } else {
                await pollDeadlineSignal.wait()
            }
        }
    }

    /// Wakes those who poll for tasks that have just reached the disk.
    func offerToPolls(_ tasks: [ScheduledTask]) {
        let arns = Set(tasks.compactMap(\.request.activityARN))
        guard !arns.isEmpty else { return }
        let isWaitedFor = polls.withLock { polls in
            arns.reduce(false) { isWaitedFor, arn in polls.noteTask(of: arn) || isWaitedFor }
        }
        if isWaitedFor { pollSignal.give() }
    }
}
