internal import Glibc
import StatesLanguage

extension TimeSlice {
    /// What a step may take among others.
    static var short: TimeSlice { ofThread(shortTime, interruptsExpressions: true) }

    static let shortTime = Duration.milliseconds(20)

    /// What a step may take aside, where it is in nobody's way; its last expression may take longer.
    static var long: TimeSlice { ofThread(.seconds(1), interruptsExpressions: false) }

    /// No time: what can wait is left to the next call.
    static var none: TimeSlice { TimeSlice(interruptsExpressions: true) { true } }

    /// So much of the calling thread's own time from now on: what others compute meanwhile does not count.
    private static func ofThread(_ limit: Duration, interruptsExpressions: Bool) -> TimeSlice {
        let end = ThreadTime.now + limit
        return TimeSlice(interruptsExpressions: interruptsExpressions) { ThreadTime.now >= end }
    }
}

/// The time for which the calling thread has had a processor.
enum ThreadTime {
    static var now: Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
