internal import Synchronization

/// Remembers the signatures of requests that changed something, and refuses them a second time.
///
/// Programs sign to the second, so two equal calls of one second bear one signature; what tells them apart is the id
/// that SDKs give each call. Such a pair passes, as long as it comes within `grace` of the first; a request that came
/// before as it is, and one that comes later with another id, are replays. Nothing is kept longer than a signature is
/// good for; where there are too many, those of the oldest minute are let go and requests as old are refused.
public final class ReplayGuard: Sendable {
    private struct Seen {
        /// When the signature came first, in seconds since 1970.
        var first: Int
        var calls: Set<Int>
    }

    private struct State {
        /// By the minute in which they were signed.
        var minutes: [Int: [String: Seen]] = [:]
        var count = 0
        /// What was signed before this minute is not remembered any more.
        var horizon = Int.min
    }

    private let state = Mutex(State())
    private let capacity: Int
    /// How many seconds after the first an equal request of another call may come.
    static let grace = 5

    /// A guard that remembers so many signatures.
    public init(capacity: Int = 500_000) { self.capacity = capacity }

    /// Takes note of a request that changes something.
    ///
    /// - Parameters:
    ///   - signature: Its signature.
    ///   - call: What else tells the call from others: the SDK's ids.
    ///   - timestamp: When it was signed.
    ///   - now: The time, in seconds since 1970.
    /// - Throws: `SignatureFault` with `replayed`, or `skewed` for what is too old to be sure.
    public func take(
        _ signature: String,
        call: String,
        signedAt timestamp: SignatureTimestamp,
        now: Int
    ) throws(SignatureFault) {
        let verdict = state.withLock { state -> SignatureFault? in
            Self.forget(&state, before: now - 2 * SignatureVerifier.allowedSkew)
            let minute = timestamp.seconds / 60
            guard minute >= state.horizon else {
                return .skewed("signed at \(timestamp.text), which is too long ago for a busy service to be sure of")
            }
            var hasher = Hasher()
            hasher.combine(call)
            let id = hasher.finalize()
            guard var seen = state.minutes[minute]?[signature] else {
                Self.makeRoom(&state, capacity)
                state.minutes[minute, default: [:]][signature] = Seen(first: now, calls: [id])
                state.count += 1
                return nil
            }
            guard now - seen.first <= Self.grace, seen.calls.insert(id).inserted else { return .replayed }
            state.minutes[minute]?[signature] = seen
            return nil
        }
        if let verdict { throw verdict }
    }

    private static func forget(_ state: inout State, before second: Int) {
        let end = second / 60
        guard state.minutes.keys.contains(where: { $0 < end }) else { return }
        for minute in state.minutes.keys.filter({ $0 < end }) {
            state.count -= state.minutes.removeValue(forKey: minute)?.count ?? 0
        }
    }

    private static func makeRoom(_ state: inout State, _ capacity: Int) {
        guard state.count >= capacity, let oldest = state.minutes.keys.min() else { return }
        state.count -= state.minutes.removeValue(forKey: oldest)?.count ?? 0
        state.horizon = max(state.horizon, oldest + 1)
    }
}
