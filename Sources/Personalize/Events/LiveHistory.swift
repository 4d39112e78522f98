internal import JSON
internal import Synchronization

/// The interactions of a dataset that no training and no campaign has read from a snapshot yet, user by user.
///
/// An event costs one look-up, whatever came before it. Events are dropped once they are in a snapshot that all
/// campaigns have loaded.
final class LiveHistory: Sendable {
    /// An event, in the order of its time.
    struct Event: Sendable {
        let sequence: Int64
        let timestamp: Int64
        let item: String
        /// In lower case.
        let type: String
        let value: Double?
    }

    fileprivate struct State {
        var events: [RecordID: [Event]] = [:]
        /// The sessions that users began unknown.
        var sessions: [RecordID: [RecordID]] = [:]
        var sequences: Set<Int64> = []
        var droppedThrough: Int64 = 0
        /// How many events have been taken in, ever.
        var taken = 0
    }

    private let state = Mutex(State())

    /// Takes in a batch; one that is known already changes nothing.
    ///
    /// - Returns: How many events have been taken in, before and now.
    @discardableResult
    func add(_ batch: LiveBatch) -> (before: Int, now: Int) {
        state.withLock { state in
            let before = state.taken
            guard batch.sequence > state.droppedThrough, state.sequences.insert(batch.sequence).inserted else {
                return (before, before)
            }
            state.taken += batch.records.count
            for record in batch.records { state.add(record, batch.sequence) }
            return (before, state.taken)
        }
    }

    /// A user's events after a place in the order of batches, oldest first, with those of sessions he began unknown.
    func events(of user: String, after sequence: Int64) -> [Event] {
        let user = RecordID(user)
        let (own, others) = state.withLock { state in
            (state.events[user] ?? [], state.sessions[user]?.map { state.events[$0] ?? [] } ?? [])
        }
        var events = own
        if !others.isEmpty {
            events += others.joined()
            events.sort { ($0.timestamp, $0.sequence) < ($1.timestamp, $1.sequence) }
        }
        return sequence == 0 ? events : events.filter { $0.sequence > sequence }
    }

    /// Forgets all.
    func clear() {
        state.withLock { state in
            state.events = [:]
            state.sessions = [:]
            state.sequences = []
        }
    }

    /// Forgets all up to a place in the order of batches.
    func drop(through sequence: Int64) {
        state.withLock { state in
            guard sequence > state.droppedThrough else { return }
            state.droppedThrough = sequence
            state.sequences = state.sequences.filter { $0 > sequence }
            state.events = state.events.compactMapValues { events in
                let left = events.filter { $0.sequence > sequence }
                return left.isEmpty ? nil : left
            }
            let events = state.events
            state.sessions = state.sessions.compactMapValues { sessions in
                let left = sessions.filter { events[$0] != nil }
                return left.isEmpty ? nil : left
            }
        }
    }

}

extension LiveHistory.State {
    /// Keeps what is about an item, or an action in a dataset of those.
    fileprivate mutating func add(_ record: LiveRecord, _ sequence: Int64) {
        guard let user = record.fields["USER_ID"]?.string.map(RecordID.init),
            let item = (record.fields["ITEM_ID"] ?? record.fields["ACTION_ID"])?.string,
            let timestamp = record.fields["TIMESTAMP"]?.string.flatMap({ Int64($0) })
        else { return }
        let event = LiveHistory.Event(
            sequence: sequence,
            timestamp: timestamp,
            item: item,
            type: record.fields["EVENT_TYPE"]?.string?.lowercased() ?? "",
            value: record.fields["EVENT_VALUE"]?.string.flatMap(Double.init)
        )
        events[user, default: []].insertInOrder(event)
        guard let session = record.session.map(RecordID.init), session != user, events[session] != nil,
            sessions[user]?.contains(session) != true
        else { return }
        sessions[user, default: []].append(session)
    }
}

extension [LiveHistory.Event] {
    /// Events come nearly in order: the place is looked for from the end.
    fileprivate mutating func insertInOrder(_ event: LiveHistory.Event) {
        var place = endIndex
        while place > startIndex,
            (self[place - 1].timestamp, self[place - 1].sequence) > (event.timestamp, event.sequence)
        { place -= 1 }
        insert(event, at: place)
    }
}

/// What a campaign sees of the live events: those that are in none of the snapshots it has loaded.
struct LiveEvents: Sendable {
    let history: LiveHistory
    let after: Int64

    /// A user's events, oldest first.
    func events(of user: String) -> [LiveHistory.Event] { history.events(of: user, after: after) }
}
