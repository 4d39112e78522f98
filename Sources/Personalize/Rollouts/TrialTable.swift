internal import JSON
internal import Synchronization

/// What is tried out with a campaign while it answers.
struct Trial: Sendable {
    let id: String
    /// The type of event that is wanted, in any case; nil for all.
    let eventType: String?
    /// Who gets the candidate's answers; nil when nobody does.
    let split: ExperimentSplit?
    /// The other version, served or in the shadow; nil when only the serving version is watched.
    let candidate: ServedCampaign?

    var isShadow: Bool { candidate != nil && split == nil }

    /// Whether a dataset is of the group of the shadow's data.
    func isOf(_ datasetArn: String) -> Bool {
        candidate.map { ARN.path(of: datasetArn).hasPrefix("\(ARN.path(of: $0.groupArn))/") } ?? false
    }

    func isWanted(_ type: String) -> Bool { eventType.map { $0.lowercased() == type.lowercased() } ?? true }
}

/// The trials of campaigns, and what was answered in them and is not in the store yet.
///
/// An answer costs the hash of a user's id here; what goes into the store goes there by the service, off the request's way.
final class TrialTable: Sendable {
    /// A piece of work about the shadow.
    enum ShadowWork: Sendable {
        case answer(user: String, trial: Trial, input: JSON, items: [String])
        case outcome(user: String, trial: String, item: String)
    }

    private struct State {
        var trials: [String: Trial] = [:]
        var exposures: [Exposure] = []
        var seen: [String: Set<UInt64>] = [:]
        var shadow: [ShadowWork] = []
        var signal: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    /// So many exposures are saved at once.
    private static let flushSize = 1000
    /// So many users of a trial are remembered as saved; beyond that some are saved again, which changes nothing.
    private static let seenLimit = 1_000_000
    /// So much may wait for the shadow; what comes then is not compared, so that a flood costs no memory.
    private static let shadowLimit = 10_000

    /// One element whenever something is to be saved or compared; for one reader.
    func open() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.signal = continuation }
        return stream
    }

    /// Sets what is tried out with a campaign; nil for nothing.
    func set(_ trial: Trial?, of campaignArn: String) {
        state.withLock { state in
            if state.trials[campaignArn]?.id != trial?.id, let old = state.trials[campaignArn] {
                state.seen[old.id] = nil
            }
            state.trials[campaignArn] = trial
        }
    }

    /// What is tried out, by campaign.
    var all: [String: Trial] { state.withLock(\.trials) }

    /// The version of a campaign that answers a request.
    func variant(of campaign: ServedCampaign, _ input: JSON) -> ServedCampaign {
        guard let trial = state.withLock({ $0.trials[campaign.arn] }), let split = trial.split,
            let candidate = trial.candidate, let user = input["userId"]?.string
        else { return campaign }
        return split.isCandidate(ExperimentSplit.number(of: user, in: trial.id)) ? candidate : campaign
    }

    /// Takes note of an answer.
    func note(_ campaign: ServedCampaign, _ input: JSON, _ items: () -> [String], at time: Int64) {
        guard let trial = state.withLock({ $0.trials[campaign.arn] }), let user = input["userId"]?.string else {
            return
        }
        if trial.isShadow {
            return add(.answer(user: user, trial: trial, input: input, items: items()))
        }
        let number = ExperimentSplit.number(of: user, in: trial.id)
        state.withLock { state in
            if state.seen[trial.id, default: []].count >= Self.seenLimit { state.seen[trial.id] = [] }
            guard state.seen[trial.id, default: []].insert(number).inserted else { return }
            let version = RecommendationID.number(ofVersion: campaign.source.version)
            state.exposures.append(Exposure(trial: trial.id, user: number, version: version, time: time))
            if state.exposures.count >= Self.flushSize { state.signal?.yield() }
        }
    }

    /// Adds work about the shadow, as long as there is room.
    func add(_ work: ShadowWork) {
        state.withLock { state in
            guard state.shadow.count < Self.shadowLimit else { return }
            state.shadow.append(work)
            state.signal?.yield()
        }
    }

    /// Takes what is to be compared.
    func takeShadowWork() -> [ShadowWork] {
        state.withLock { state in
            defer { state.shadow = [] }
            return state.shadow
        }
    }

    /// Takes what is to be saved.
    func takeExposures() -> [Exposure] {
        state.withLock { state in
            defer { state.exposures = [] }
            return state.exposures
        }
    }

    /// Puts back what could not be saved.
    func putBack(_ exposures: [Exposure]) { state.withLock { $0.exposures += exposures } }
}
