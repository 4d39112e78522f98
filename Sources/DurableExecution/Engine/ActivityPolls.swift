import FoundationEssentials

/// Who polls for tasks of which activity, in the order of arrival; decisions only.
///
/// A poll that waits is an entry here and nothing more: no thread, no timer, no question to the database. Only when
/// an activity may have offered tasks is the store asked for them, once for all its polls.
struct ActivityPolls {
    typealias Reply = @Sendable (ActivityTask?) -> Void

    /// A worker that waits for a task.
    struct Poll: Sendable {
        let id: Int
        let activityARN: String
        let workerName: String?
        let deadline: Date
        let reply: Reply
    }

    private struct Desk {
        /// Polls in the order of arrival; some may have left.
        var waiting: [Int] = []
        /// How many there are, those that are being served included.
        var count = 0
        /// Whether the store may have a task for them; nobody knows before it was asked.
        var mayHaveTasks = true
    }

    private var polls: [Int: Poll] = [:]
    /// Polls that are being served; their time does not run out meanwhile.
    private var served: Set<Int> = []
    private var desks: [String: Desk] = [:]
    /// Polls by their deadline, which is also their order of arrival; some may have left.
    private var deadlines: [(id: Int, date: Date)] = []
    /// Polls that left before they arrived.
    private var gone: Set<Int> = []
    private var nextID = 0

    /// How many wait.
    var count: Int { polls.count }

    /// A name for a poll to come.
    mutating func makeID() -> Int {
        nextID += 1
        return nextID
    }
}

// MARK: - Coming and going

extension ActivityPolls {
    /// Takes a poll in; false when it has left already.
    mutating func add(_ poll: Poll) -> Bool {
        guard gone.remove(poll.id) == nil else { return false }
        polls[poll.id] = poll
        deadlines.append((poll.id, poll.deadline))
        desks[poll.activityARN, default: Desk()].waiting.append(poll.id)
        desks[poll.activityARN]?.count += 1
        return true
    }

    /// Removes a poll whose client has left, or notes that it will not come.
    mutating func leave(_ id: Int) -> Poll? {
        guard let poll = remove(id) else {
            gone.insert(id)
            return nil
        }
        tidy(poll.activityARN)
        return poll
    }

    /// Forgets a poll that was answered.
    mutating func forget(_ id: Int) { gone.remove(id) }

    /// Removes the polls whose time is over, and says when the next one's is.
    mutating func expire(at now: Date) -> (expired: [Poll], next: Date?) {
        let due = deadlines.prefix { polls[$0.id] == nil || $0.date <= now }
        deadlines.removeFirst(due.count)
        let expired = due.filter { !served.contains($0.id) }.compactMap { remove($0.id) }
        for arn in Set(expired.map(\.activityARN)) { tidy(arn) }
        return (expired, deadlines.first?.date)
    }

    /// Removes all polls.
    mutating func removeAll() -> [Poll] {
        defer { (polls, served, desks, deadlines) = ([:], [], [:], []) }
        return Array(polls.values)
    }

    private mutating func remove(_ id: Int) -> Poll? {
        guard let poll = polls.removeValue(forKey: id) else { return nil }
        served.remove(id)
        desks[poll.activityARN]?.count -= 1
        if desks[poll.activityARN]?.count == 0 { desks[poll.activityARN] = nil }
        return poll
    }

    /// Drops the names of polls that have left, at the front always and elsewhere when they are many.
    private mutating func tidy(_ arn: String) {
        guard var desk = desks.removeValue(forKey: arn) else { return }
        desk.waiting.removeFirst(desk.waiting.prefix { polls[$0] == nil }.count)
        if desk.waiting.count > 2 * desk.count + 16 { desk.waiting.removeAll { polls[$0] == nil } }
        desks[arn] = desk
    }
}

// MARK: - Serving

extension ActivityPolls {
    /// Notes that an activity has a task; true when somebody waits for it.
    mutating func noteTask(of arn: String) -> Bool {
        guard desks[arn] != nil else { return false }
        desks[arn]?.mayHaveTasks = true
        return true
    }

    /// Takes polls out whose activities may have tasks, oldest first.
    mutating func takeServable(limit: Int) -> [String: [Poll]] {
        var taken: [String: [Poll]] = [:]
        var room = limit
        for (arn, desk) in desks where desk.mayHaveTasks && room > 0 {
            var share: [Poll] = []
            for id in desk.waiting where share.count < room { if let poll = polls[id] { share.append(poll) } }
            guard !share.isEmpty else { continue }
            taken[arn] = share
            room -= share.count
        }
        for (arn, share) in taken {
            served.formUnion(share.map(\.id))
            desks[arn]?.mayHaveTasks = false
            desks[arn]?.waiting.removeAll { served.contains($0) || polls[$0] == nil }
        }
        return taken
    }

    /// Takes a poll out for good that has got a task; `nil` when its client has left.
    mutating func complete(_ id: Int) -> Poll? { remove(id) }

    /// Puts polls that got nothing back to the front, and removes those whose time was over meanwhile.
    mutating func putBack(_ unserved: [Poll], at now: Date) -> [Poll] {
        let present = unserved.filter { served.remove($0.id) != nil }
        for (arn, polls) in Dictionary(grouping: present.filter { $0.deadline > now }, by: \.activityARN) {
            desks[arn]?.waiting.insert(contentsOf: polls.map(\.id), at: 0)
        }
        return present.filter { $0.deadline <= now }.compactMap { remove($0.id) }
    }
}
