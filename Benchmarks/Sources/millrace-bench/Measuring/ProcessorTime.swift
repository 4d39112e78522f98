import Foundation

/// The processor time of this process, which other processes of a busy machine do not lengthen as they do the time of a
/// clock.
enum ProcessorTime {
    /// So far, of all threads, in seconds.
    static var seconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
}
