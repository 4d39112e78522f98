import FoundationEssentials
import JSON

/// One thread of an execution: the execution itself, a branch of a Parallel or an iteration of a Map.
struct Frame: Sendable, Equatable {
    let id: Int
    /// The frame whose state started this one; the root has none.
    let parent: Int?
    /// The branch or iteration this is of its parent's state.
    let index: Int
    var stateName: String
    /// The raw input of the current state.
    var input: Payload
    var enteredTime: Date
    var enteredEvent: Int
    /// The event that the entering of the current state points back to.
    var enteredAfter = 0
    /// The event that the next event of this frame points back to.
    var lastEvent: Int
    /// How often each retrier of the current state has retried.
    var retries: [Int] = []
    var phase: Phase = .ready

    /// What the frame waits for.
    enum Phase: Sendable, Equatable {
        /// Nothing: the state is to be entered.
        case ready
        /// Nothing: the state was entered before and is to be run again.
        case rerun
        /// The end of a task.
        case task(Int)
        /// Nothing: the task or the Map Run brought this.
        case finished(Payload)
        /// The end of its Map Run.
        case mapRun
        /// A Wait's timer.
        case wait(timer: Int)
        /// Nothing: the Wait is over.
        case waited
        /// The time of the next attempt.
        case retry(timer: Int)
        /// The ends of its branches or iterations.
        case children(Children)
        /// The end of the execution, which this frame's error brought about, or which stopped it.
        case stopped
    }

    /// The branches or iterations of a frame's state.
    struct Children: Sendable, Equatable {
        /// The outputs so far; `nil` for one that has not ended.
        var outputs: [JSON?]
        /// The next iteration to start.
        var next: Int
        /// The frames under way.
        var frames: [Int]
        /// How many may run at once.
        var limit: Int
        /// What a Map walks through; nothing for a Parallel.
        var items: [JSON] = []

        var isDone: Bool { frames.isEmpty && next == outputs.count }
    }
}

/// A Map Run that a distributed Map state asked for.
struct MapRun: Sendable, Equatable {
    let id: Int
    let arn: String
    var redriveCount = 0
}

/// A task that was asked for and has not ended.
struct OpenTask: Sendable, Equatable {
    var frame: Int
    var isStarted = false
    var heartbeatSeconds: Int?
    var timeoutTimer: Int?
    var heartbeatTimer: Int?
}

/// What a timer is for.
enum TimerPurpose: Sendable, Equatable {
    /// The machine's `TimeoutSeconds`.
    case execution
    /// A Wait state or the delay before a retry.
    case frame(Int)
    case taskTimeout(Int)
    case heartbeat(Int)
    /// To go on with what one call of `handle` left over.
    case continuation
}
