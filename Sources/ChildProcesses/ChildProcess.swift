/// A program that runs in a process group of its own and ends with this process at the latest.
///
/// A thread starts it, reads what it writes, keeps its limits and takes its end; nothing is left behind. When the last
/// reference is dropped, the whole group is killed.
///
/// ```swift
/// let process = try await ChildProcess.start(command, errors: .lines(longest: 8_192) { log($0.text) })
/// process.stop(grace: .seconds(2))
/// let ending = await process.ended()
/// ```
public final class ChildProcess: Sendable {
    private let monitor: ProcessMonitor
    /// The system's id of the process, which is the group's too; another process may have it once this one has ended.
    public let id: Int32

    private init(monitor: ProcessMonitor, id: Int32) {
        self.monitor = monitor
        self.id = id
    }

    deinit { monitor.stop(grace: .zero) }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - command: The program and what it is given.
    ///   - output: What is done with its standard output.
    ///   - errors: What is done with its standard error output.
    /// - Returns: The process, once it has become the program.
    /// - Throws: `ProcessError` when the program cannot be found or run, or the system refuses another process.
    public static func start(
        _ command: ProcessCommand,
        output: ProcessOutput = .discarded,
        errors: ProcessOutput = .discarded
    ) async throws -> ChildProcess {
        let monitor = ProcessMonitor(output: output, errors: errors)
        let id = try await monitor.start(command)
        return ChildProcess(monitor: monitor, id: id)
    }

    /// Gives bytes to the program's standard input, in the order of the calls.
    ///
    /// What it does not read is kept until it ends; bytes for one that has ended or closed its input are dropped.
    public func write(_ bytes: [UInt8]) { monitor.write(bytes) }

    /// Ends the program's standard input, after what was written before.
    public func closeInput() { monitor.closeInput() }

    /// Asks the whole group to end, and kills it when the process still runs after a grace.
    ///
    /// Returns at once; a further call can only shorten the grace.
    ///
    /// - Parameter grace: How long it may take from `SIGTERM` on; with zero it is killed at once.
    public func stop(grace: Duration) { monitor.stop(grace: grace) }

    /// Whether the program has written something that was not yet handed over.
    public var hasUnreadOutput: Bool { monitor.hasUnreadOutput }

    /// Waits until all that the program has written by now was handed over.
    public func drained() async { await monitor.drained() }

    /// Waits for the end of the process.
    ///
    /// Then no process of its group is left, and all it wrote was handed over.
    public func ended() async -> ProcessEnding { await monitor.ended() }
}
