internal import Kernels
internal import Synchronization

/// Ranks items by their inner products with who asks, with shares of a softmax over all items as scores.
///
/// What the shares of a user of the training are parts of is kept once it is known, so that the next answer needs to look
/// only at the items that may be among the best.
final class SoftmaxRanking: Sendable, Equatable {
    /// One question: who asks, as a vector, and his row in the training if that is where the vector is from.
    struct Request {
        var vector: [Float]
        var user: UInt32?
        var query: Query
    }

    private let ranking: Derived<DotProductRanking>
    private let scale: Float
    private let userCount: Int
    /// The sum of each user of the training, 0 where it is not known; empty while none is.
    private let sums = Mutex<[Double]>([])

    /// A ranking.
    ///
    /// - Parameters:
    ///   - items: A row an item.
    ///   - unscored: Items that are never in an answer.
    ///   - scale: What scores are multiplied by in the exponent.
    ///   - userCount: How many users the training had.
    init(items: Matrix, unscored: ItemSet, scale: Float, userCount: Int) {
        ranking = Derived { DotProductRanking(items: items, unscored: unscored.words, scale: scale) }
        self.scale = scale
        self.userCount = userCount
    }

    /// What follows from a model is no part of what models are compared by.
    static func == (left: SoftmaxRanking, right: SoftmaxRanking) -> Bool { true }

    /// Brings the items into order, so that no question waits for it.
    func prepare() { _ = ranking.value }

    /// Answers a question.
    func answer(_ request: Request) -> [ScoredItem] {
        let known = sums.withLock { Self.sum(request.user, $0) }
        let answer = ranking.value.answer(Self.asked(request, known))
        if answer.exponentialSum > 0, let user = request.user { keep([(user, answer.exponentialSum)]) }
        return scored(answer, request, known)
    }

    /// Answers questions on several threads, in their order; the same for any number of threads.
    func answers(_ requests: [Request], threads: Int) -> [[ScoredItem]] {
        let known = sums.withLock { sums in requests.map { Self.sum($0.user, sums) } }
        let asked = zip(requests, known).map(Self.asked)
        let answers = ranking.value.answers(asked, threads: threads)
        keep(
            zip(requests, answers).compactMap { request, answer in
                answer.exponentialSum > 0 ? request.user.map { ($0, answer.exponentialSum) } : nil
            }
        )
        return zip(requests, zip(known, answers)).map { request, result in
            scored(result.1, request, result.0)
        }
    }

    private static func asked(_ request: Request, _ sum: Double?) -> DotProductRanking.Request {
        DotProductRanking.Request(
            vector: request.vector,
            excluded: request.query.excluded.words,
            count: request.query.count,
            isSummed: request.query.isScored && sum == nil
        )
    }

    /// The items of an answer with their shares of the sum, which is the answer's own where none was known.
    private func scored(_ answer: DotProductRanking.Answer, _ request: Request, _ sum: Double?) -> [ScoredItem] {
        let total = sum ?? answer.exponentialSum
        return answer.entries.map { entry in
            let score = request.query.isScored ? Exponential.of(entry.score * scale) / total : nil
            return ScoredItem(item: entry.item, score: score)
        }
    }

    private static func sum(_ user: UInt32?, _ sums: [Double]) -> Double? {
        guard let user, Int(user) < sums.count, sums[Int(user)] > 0 else { return nil }
        return sums[Int(user)]
    }

    private func keep(_ new: [(user: UInt32, sum: Double)]) {
        guard !new.isEmpty else { return }
        sums.withLock { sums in
            if sums.isEmpty { sums = [Double](repeating: 0, count: userCount) }
            for (user, sum) in new where Int(user) < userCount { sums[Int(user)] = sum }
        }
    }
}
