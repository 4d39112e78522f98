/// Where rollouts and the trials of their versions are kept; rollouts are saved with a `ResourceTransition`.
///
/// A trial is what is counted under one name: an experiment, or a version while it serves under a live bound.
public protocol RolloutStore: Sendable {
    /// The rollout of a campaign.
    ///
    /// - Parameter campaignArn: The campaign.
    /// - Returns: The rollout, or `nil` when none was ever saved.
    /// - Throws: When reading failed.
    func rollout(of campaignArn: String) async throws -> Rollout?

    /// All rollouts, in the order of their campaigns' ARNs.
    ///
    /// - Returns: The rollouts.
    /// - Throws: When reading failed.
    func rollouts() async throws -> [Rollout]

    /// Records which version answered which users first; a user of a trial who is known stays as he is.
    ///
    /// - Parameter exposures: The answers.
    /// - Throws: When saving failed.
    func record(_ exposures: [Exposure]) async throws

    /// Records that users did what is wanted after an answer; the first time counts, and users without an answer do not.
    ///
    /// - Parameter conversions: Who, and when: the answers to which the events belong, at the time of the events.
    /// - Throws: When saving failed.
    func record(conversions: [Exposure]) async throws

    /// How many users each version of a trial has answered and how many of them did what is wanted.
    ///
    /// - Parameters:
    ///   - trial: The trial.
    ///   - before: Only users whose first answer came before, in seconds since 1970.
    ///   - window: Only what was done at most so many seconds after the first answer.
    /// - Returns: A count a version that has answered anybody.
    /// - Throws: When reading failed.
    func tallies(of trial: String, before: Int64, window: Int64) async throws -> [TrialTally]

    /// Adds to what a shadow has come to.
    ///
    /// - Parameter tally: What is added.
    /// - Throws: When saving failed.
    func add(_ tally: ShadowTally) async throws

    /// What a shadow has come to.
    ///
    /// - Parameter trial: The experiment.
    /// - Returns: The sums; zeros when there is nothing yet.
    /// - Throws: When reading failed.
    func shadowTally(of trial: String) async throws -> ShadowTally

    /// The trials of which anything is kept.
    func trials() async throws -> Set<String>

    /// Removes all that is kept of some trials.
    func removeTrials(_ trials: Set<String>) async throws
}

/// A user's answer by a version in a trial.
///
/// Of the user only a number is kept, from which his id cannot be told.
public struct Exposure: Sendable, Hashable {
    /// The trial.
    public var trial: String
    /// The user's number in the trial.
    public var user: UInt64
    /// The number of the version.
    public var version: Int64
    /// When, in seconds since 1970.
    public var time: Int64

    /// An answer.
    public init(trial: String, user: UInt64, version: Int64, time: Int64) {
        self.trial = trial
        self.user = user
        self.version = version
        self.time = time
    }
}

/// The users of one version in a trial.
public struct TrialTally: Sendable, Equatable {
    /// The number of the version.
    public var version: Int64
    /// How many users it has answered.
    public var users: Int
    /// How many of them did what is wanted in time.
    public var conversions: Int

    /// A count.
    public init(version: Int64, users: Int, conversions: Int) {
        self.version = version
        self.users = users
        self.conversions = conversions
    }
}

/// What a shadow's answers come to beside those that were given.
public struct ShadowTally: Sendable, Equatable {
    /// The experiment.
    public var trial: String
    /// How many answers were compared.
    public var answers = 0
    /// The sum of the shares of their first ten items that the shadow has among its first ten too.
    public var overlap = 0.0
    /// How many events, of items that users found by themselves, came after a compared answer.
    public var outcomes = 0
    /// The sum of one over the item's rank in the answer, nothing where it is not in it.
    public var servedRank = 0.0
    /// The sum of one over the item's rank in the shadow's answer, nothing where it is not in it.
    public var shadowRank = 0.0
    /// The sum of the squares of the second less the first.
    public var squares = 0.0

    /// Nothing yet.
    public init(trial: String) { self.trial = trial }
}
