/// What a state does about errors.
struct ErrorHandling: Sendable, Equatable {
    var retriers: [Retrier] = []
    var catchers: [Catcher] = []
}

/// An entry of `Retry`.
struct Retrier: Sendable, Equatable {
    var errorEquals: [String]
    var intervalSeconds = 1
    var backoffRate = 2.0
    var maxAttempts = 3
    var maxDelaySeconds: Int?
    var hasFullJitter = false

    /// The seconds before the next attempt, after so many retries.
    func delay(after retries: Int, using generator: inout SeededGenerator) -> Double {
        var delay = Double(intervalSeconds)
        for _ in 0..<retries where delay < Self.longestDelay { delay *= backoffRate }
        delay = min(delay, maxDelaySeconds.map(Double.init) ?? Self.longestDelay)
        return hasFullJitter ? Double.random(in: 0...delay, using: &generator) : delay
    }

    /// A year and a day, the most AWS lets `MaxDelaySeconds` be.
    private static let longestDelay = 31_622_400.0
}

/// An entry of `Catch`.
struct Catcher: Sendable, Equatable {
    var errorEquals: [String]
    var resultPath: ResultPath
    var next: String
    var assign: Template?
    /// `Output` of JSONata.
    var output: JSONataTemplate?
}

/// Where a state's result goes in its input.
enum ResultPath: Sendable, Equatable {
    case put(ReferencePath)
    /// `null`: the result is dropped and the input passed on.
    case discard
}
