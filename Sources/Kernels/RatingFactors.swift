internal import CKernels

/// Users' and items' factors and biases, learnt from ratings by stochastic gradient descent.
///
/// A rating is predicted as μ + b_u + b_i + p_u · q_i. For each rating in turn, with e its error,
///
///     b += γ (e − λ b),  p += γ (e q − λ p),  q += γ (e p − λ q)
///
/// A row keeps its factors, then in its last vector of four the user's bias and a one, or a one and the item's bias; so
/// one inner product gives the whole prediction but for μ.
/// [Funk: "Netflix update: try this at home", 2006; Koren, Bell, Volinsky: "Matrix factorization techniques for
/// recommender systems", 2009]
public struct RatingFactors: Sendable, Equatable {
    /// A row a user: factors, padding, bias, 1, 0, 0.
    public private(set) var users: Matrix
    /// A row an item: factors, padding, 1, bias, 0, 0.
    public private(set) var items: Matrix

    /// The length of a row for so many factors.
    public static func columns(factors: Int) -> Int { Matrix.stride(columns: factors + 4) }

    /// Rows that are already there, for example in a mapped file.
    ///
    /// - Parameters:
    ///   - users: A row a user.
    ///   - items: A row an item, as long as a user's.
    public init(users: Matrix, items: Matrix) {
        precondition(users.columns == items.columns && users.columns >= 4, "the rows differ in length")
        precondition(users.columns == users.stride, "a row is not a whole number of blocks")
        self.users = users
        self.items = items
    }

    /// Random factors of all rows that a schedule has ratings of, and no biases.
    ///
    /// - Parameters:
    ///   - schedule: The ratings; rows without any have neither factors nor, ever, a bias.
    ///   - factors: The number of factors of a row.
    ///   - mean: Their mean.
    ///   - deviation: Their standard deviation.
    ///   - random: Where they come from.
    ///   - threads: The most threads to work at once.
    public init(
        schedule: RatingSchedule,
        factors: Int,
        mean: Float,
        deviation: Float,
        random: CounterRandom,
        threads: Int = 1
    ) {
        let occupied = schedule.occupied
        let columns = Self.columns(factors: factors)
        let draws = { @Sendable (row: Int, numbers: inout MutableSpan<Float>) in
            let first = UInt64(row * factors)
            for factor in 0..<factors {
                numbers[factor] = random.normal(at: first + UInt64(factor)) * deviation + mean
            }
        }
        let userCount = occupied.users.count
        users = Matrix(rows: userCount, columns: columns, threads: threads) { row, numbers in
            numbers[columns - 3] = 1
            if occupied.users[row] { draws(row, &numbers) }
        }
        items = Matrix(rows: occupied.items.count, columns: columns, threads: threads) { row, numbers in
            numbers[columns - 4] = 1
            if occupied.items[row] { draws(userCount + row, &numbers) }
        }
    }

    /// Whether all numbers are finite; descent in too great steps leaves others.
    public var isFinite: Bool {
        users.values.allSatisfy(\.isFinite) && items.values.allSatisfy(\.isFinite)
    }

    /// The row of a user or an item that nothing is known of.
    public static func unknown(columns: Int, isUser: Bool) -> [Float] {
        var row = [Float](repeating: 0, count: columns)
        row[columns - 4 + (isUser ? 1 : 0)] = 1
        return row
    }
}

extension RatingFactors {
    /// One epoch: a step for each rating.
    ///
    /// - Parameters:
    ///   - schedule: The ratings, of as many users and items as there are rows.
    ///   - rate: γ, the length of a step.
    ///   - regularization: λ.
    ///   - threads: The most threads to work at once; the result is the same for any number.
    ///   - checkpoint: Called on any thread with each block; what it throws ends the work.
    /// - Throws: What `checkpoint` throws; the epoch is then half done.
    public mutating func descend(
        _ schedule: RatingSchedule,
        rate: Float,
        regularization: Float,
        threads: Int,
        checkpoint: @escaping @Sendable () throws -> Void = {}
    ) throws {
        precondition(schedule.userCount == users.rows && schedule.itemCount == items.rows, "the rows do not fit")
        let (blocks, mean) = (users.blocks, Float(schedule.mean))
        try unsafe users.withUnsafeMutableNumbers { users in
            try unsafe items.withUnsafeMutableNumbers { items in
                nonisolated(unsafe) let descent = unsafe millrace_rating_descent(
                    users: users,
                    items: items,
                    blocks: blocks,
                    mean: mean,
                    rate: rate,
                    decay: rate * regularization
                )
                for round in 0..<RatingSchedule.parts {
                    try Parallel.forEach(count: RatingSchedule.parts / 2, threads: threads) { pair in
                        try checkpoint()
                        unsafe schedule.descend(descent, round: round, parts: (2 * pair, 2 * pair + 1))
                    }
                }
            }
        }
    }

    /// How far predictions are from ratings.
    ///
    /// - Parameters:
    ///   - ratings: The ratings, of rows that are there.
    ///   - mean: μ.
    ///   - scale: The least and the greatest prediction; others count as these.
    /// - Returns: The errors' sums.
    public func errors(on ratings: [Rating], mean: Double, scale: ClosedRange<Float>) -> RatingErrors {
        var errors = RatingErrors()
        let vectors = users.vectors
        unsafe users.withUnsafeVectors { userRows in
            unsafe items.withUnsafeVectors { itemRows in
                for rating in ratings {
                    precondition(Int(rating.user) < users.rows && Int(rating.item) < items.rows, "no such row")
                    let user = unsafe userRows + Int(rating.user) * vectors
                    let item = unsafe itemRows + Int(rating.item) * vectors
                    let prediction = unsafe Float(mean) + dot(user, item, vectors)
                    errors.add(Double(rating.value) - Double(min(max(prediction, scale.lowerBound), scale.upperBound)))
                }
            }
        }
        return errors
    }
}

/// The errors of predicted ratings.
public struct RatingErrors: Sendable, Equatable {
    /// The number of ratings.
    public private(set) var count = 0
    private var squares = 0.0
    private var absolutes = 0.0

    /// No errors.
    public init() {}

    /// The root of the mean square; 0 when there are none.
    public var rootMeanSquare: Double { count > 0 ? (squares / Double(count)).squareRoot() : 0 }

    /// The mean of the absolute values; 0 when there are none.
    public var meanAbsolute: Double { count > 0 ? absolutes / Double(count) : 0 }

    /// Counts a difference of rating and prediction; one that is no number counts as infinite.
    public mutating func add(_ difference: Double) {
        let size = difference.isNaN ? .infinity : abs(difference)
        count += 1
        squares += size * size
        absolutes += size
    }
}

extension RatingSchedule {
    /// Steps through the ratings of two blocks of a round.
    @unsafe
    fileprivate func descend(_ descent: millrace_rating_descent, round: Int, parts: (Int, Int)) {
        let (first, second) = (range(round: round, part: parts.0), range(round: round, part: parts.1))
        var memory = [Float](repeating: 0, count: unsafe 2 * descent.blocks * 16)
        unsafe ratings.withUnsafeBufferPointer { ratings in
            guard let base = ratings.baseAddress else { return }
            // Both sides lay a rating out alike: two numbers of 32 bits and a float.
            unsafe base.withMemoryRebound(to: millrace_rating.self, capacity: ratings.count) { base in
                unsafe withUnsafePointer(to: descent) { descent in
                    unsafe millrace_descend_ratings(
                        descent,
                        base + first.lowerBound,
                        first.count,
                        base + second.lowerBound,
                        second.count,
                        &memory
                    )
                }
            }
        }
    }
}
