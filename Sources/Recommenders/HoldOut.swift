internal import Kernels

/// Which events are withheld from training so that recommendations can be judged by them.
///
/// All follow from the seed and the users' keys alone.
public enum HoldOut: String, Sendable, CaseIterable {
    /// That of Amazon Personalize: a tenth of the users is not trained on; the newest tenth of their events is withheld.
    case personalize
    /// All users are trained on; the newest event of each is withheld.
    case leaveLastOut = "leave-last-out"
    /// A tenth of the users is not trained on; a random fifth of their events is withheld.
    ///
    /// [Liang, Krishnan, Hoffman, Jebara: "Variational autoencoders for collaborative filtering", 2018]
    case strongGeneralization = "strong-generalization"

    /// What it does, in a sentence.
    public var summary: String {
        switch self {
        case .personalize:
            "A tenth of the users is kept out of training; of each the newest tenth of events is to be predicted."
        case .leaveLastOut:
            "All users are trained on; of each the newest event is to be predicted."
        case .strongGeneralization:
            "A tenth of the users is kept out of training; of each a random fifth of events is to be predicted."
        }
    }

    /// Whether the users that are tested are trained on, but for what is withheld.
    public var trainsOnTestUsers: Bool { self == .leaveLastOut }

    /// How many items are asked for: what the measures of the protocol need.
    var listLength: Int { self == .strongGeneralization ? 100 : 25 }

    /// The users that are tested, all of whom have two events or more.
    func testUsers(of data: Interactions, _ draw: SplitDraw) -> [UInt32] {
        let eligible = (0..<UInt32(data.userCount)).filter { data.range(user: $0).count >= 2 }
        if self == .leaveLastOut { return eligible }
        let chosen = eligible.filter { draw.tested.contains(draw.uniform(user: $0)) }
        if !chosen.isEmpty { return chosen }
        let first = eligible.min { draw.random.bits(at: UInt64($0)) < draw.random.bits(at: UInt64($1)) }
        return eligible.count > 1 ? [first].compactMap { $0 } : []
    }

    /// The positions of a user's events that are withheld, ascending.
    func withheld(_ events: Range<Int>, user: UInt32, _ draw: SplitDraw) -> [Int] {
        switch self {
        case .personalize: return Array(events.suffix(max(1, events.count / 10)))
        case .leaveLastOut: return Array(events.suffix(1))
        case .strongGeneralization:
            let random = draw.random(user: user)
            let shuffled = events.sorted { left, right in
                let first = random.bits(at: UInt64(left - events.lowerBound))
                return first < random.bits(at: UInt64(right - events.lowerBound))
            }
            return shuffled.prefix(max(1, events.count / 5)).sorted()
        }
    }
}

/// The random numbers of one split.
struct SplitDraw: Sendable {
    let random: CounterRandom
    let keys: [UInt64]?
    /// Which users are tested, by the number drawn for each.
    let tested: Range<Double>

    init(seed: UInt64, stream: UInt64 = 2, keys: [UInt64]?, tested: Range<Double> = 0..<0.1) {
        random = CounterRandom(seed: seed, stream: stream)
        self.keys = keys
        self.tested = tested
    }

    func uniform(user: UInt32) -> Double { random.uniform(at: key(user)) }

    /// The numbers that belong to one user.
    func random(user: UInt32) -> CounterRandom { CounterRandom(seed: random.bits(at: key(user)), stream: 6) }

    private func key(_ user: UInt32) -> UInt64 { keys?[Int(user)] ?? UInt64(user) }
}
