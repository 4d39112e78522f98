internal import Glibc

/// How sure an estimate is at every moment at once: it may be looked at after each user, and acted upon.
///
/// A fixed-size interval that is looked at again and again names a winner sooner or later even where there is none. The
/// intervals of this sequence hold the true value at all times together, except with a chance of `errorRate`: they come of
/// the mixture sequential probability ratio test with a normal mixture around no difference.
/// [Johari, Koomen, Pekelis, Walsh: "Peeking at A/B tests", 2017, and "Always valid inference: continuous monitoring of
/// A/B tests", 2022; Robbins: "Statistical methods related to the law of the iterated logarithm", 1970]
///
/// It rests on the mean of many being nearly normal, for which `Experiment.Settings.minimumUsers` has to see.
struct SequentialTest: Sendable {
    /// How often the sequence may fail to hold the true value, at any time.
    var errorRate = 0.05
    /// The standard deviation of the mixture: differences of about that size are found soonest.
    var expectedDifference = 0.05

    /// An estimate and what is sure of it.
    struct Finding: Sendable, Equatable {
        let estimate: Double
        /// The interval of the confidence sequence.
        let interval: ClosedRange<Double>
        /// The chance that so much would ever be seen where there is no difference.
        let pValue: Double
    }

    /// The finding for an estimate with a variance, which falls as more is seen.
    func finding(_ estimate: Double, variance: Double) -> Finding {
        let mixture = expectedDifference * expectedDifference
        let variance = max(variance, .leastNormalMagnitude)
        let total = variance + mixture
        let radius = (variance * total / mixture * (log(total / variance) - 2 * log(errorRate))).squareRoot()
        let evidence = (log(variance / total) + mixture * estimate * estimate / (variance * total)) / 2
        return Finding(
            estimate: estimate,
            interval: estimate - radius...estimate + radius,
            pValue: min(1, exp(-evidence))
        )
    }

    /// How many users there were, and of how many the wanted came true.
    struct Count: Sendable, Equatable {
        var users = 0
        var conversions = 0

        var rate: Double { users == 0 ? 0 : Double(conversions) / Double(users) }
    }

    /// The finding for the difference of two proportions, the second less the first.
    ///
    /// The variance is of proportions with one success and one failure added, so that none that has seen but one kind
    /// counts as certain [Agresti, Caffo: "Simple and effective confidence intervals for proportions", 2000], and no less
    /// than were both one proportion: the few outcomes of a small share would else look surer than they are.
    func difference(_ first: Count, _ second: Count) -> Finding {
        func spread(_ rate: Double) -> Double { rate * (1 - rate) }
        func smoothed(_ count: Count) -> Double { (Double(count.conversions) + 1) / (Double(count.users) + 2) }
        let sizes = [first, second].map { max(Double($0.users), 1) }
        let apart = spread(smoothed(first)) / sizes[0] + spread(smoothed(second)) / sizes[1]
        let all = Count(users: first.users + second.users, conversions: first.conversions + second.conversions)
        let together = spread(smoothed(all)) * (1 / sizes[0] + 1 / sizes[1])
        return finding(second.rate - first.rate, variance: max(apart, together))
    }

    /// Whether a proportion is less than a bound, so surely that of all moments at which it is asked none may be wrong but
    /// with a chance of `errorRate`.
    ///
    /// It is the ratio of a mixture of proportions, all alike, to the bound; being a martingale where the bound is true, it
    /// hardly ever exceeds 1 / `errorRate`. Exact for any number of users. [Ville: "Étude critique de la notion de
    /// collectif", 1939; Robbins 1970]
    func isBelow(_ bound: Double, _ count: Count) -> Bool {
        guard count.users > 0, count.rate < bound else { return false }
        let failures = count.users - count.conversions
        let mixture =
            Self.logFactorial(count.conversions) + Self.logFactorial(failures) - Self.logFactorial(count.users + 1)
        let simple = Double(count.conversions) * log(bound) + Double(failures) * log(1 - bound)
        return mixture - simple >= -log(errorRate)
    }

    /// log n!, by Stirling's series where its terms are below what a number can hold.
    static func logFactorial(_ number: Int) -> Double {
        guard number > 20 else { return number < 2 ? 0 : (2...number).reduce(0) { $0 + log(Double($1)) } }
        let n = Double(number)
        return n * log(n) - n + log(2 * .pi * n) / 2 + 1 / (12 * n) - 1 / (360 * n * n * n)
    }
}
