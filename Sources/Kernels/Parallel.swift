internal import Glibc
internal import Synchronization

/// Loops over blocks of indices on threads of their own.
///
/// Which thread takes which block is open; the blocks themselves do not depend on the number of threads, so a body whose
/// result depends on its block alone gives the same result for any number.
public enum Parallel {
    /// Runs a closure for each block of indices and returns when all are done.
    ///
    /// - Parameters:
    ///   - count: The number of indices.
    ///   - blockSize: How many of them make a block; the last may be shorter.
    ///   - threads: The most threads to work at once, the caller's among them.
    ///   - body: What to do with a block.
    /// - Throws: The first error of a body; blocks not yet begun are then left out.
    public static func forEachBlock(
        count: Int,
        blockSize: Int,
        threads: Int,
        body: @escaping @Sendable (Range<Int>) throws -> Void
    ) throws {
        guard count > 0 else { return }
        precondition(blockSize > 0, "a block must hold at least one index")
        let job = Job(count: count, blockSize: blockSize, body: body)
        let helpers = (1..<max(1, min(threads, job.blocks))).compactMap { _ in start(job) }
        job.work()
        for helper in helpers { _ = pthread_join(helper, nil) }
        if let error = job.failure.withLock({ $0 }) { throw error }
    }

    /// Runs a closure for each index and returns when all are done.
    ///
    /// - Parameters:
    ///   - count: The number of indices.
    ///   - threads: The most threads to work at once, the caller's among them.
    ///   - body: What to do with an index.
    /// - Throws: The first error of a body.
    public static func forEach(count: Int, threads: Int, body: @escaping @Sendable (Int) throws -> Void) throws {
        try forEachBlock(count: count, blockSize: 1, threads: threads) { try body($0.lowerBound) }
    }

    /// Runs a closure for each block of indices and returns the results in the order of the blocks.
    ///
    /// - Parameters:
    ///   - count: The number of indices.
    ///   - blockSize: How many of them make a block; the last may be shorter.
    ///   - threads: The most threads to work at once, the caller's among them.
    ///   - body: What to make of a block.
    /// - Returns: A result a block.
    /// - Throws: The first error of a body.
    public static func mapBlocks<Result: Sendable>(
        count: Int,
        blockSize: Int,
        threads: Int,
        body: @escaping @Sendable (Range<Int>) throws -> Result
    ) throws -> [Result] {
        let results = Results<Result>()
        try forEachBlock(count: count, blockSize: blockSize, threads: threads) { block in
            let result = try body(block)
            results.byBlock.withLock { $0[block.lowerBound / blockSize] = result }
        }
        return results.byBlock.withLock { byBlock in byBlock.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// Starts a thread; without one (the system refuses) the caller does all the work.
    private static func start(_ job: Job) -> pthread_t? {
        var thread = pthread_t()
        let argument = unsafe Unmanaged.passRetained(job)
        let status = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().work()
                }
                return nil
            },
            argument.toOpaque()
        )
        guard status == 0 else {
            unsafe argument.release()
            return nil
        }
        return thread
    }
}

/// The results of the blocks that are done.
private final class Results<Result: Sendable>: Sendable {
    let byBlock = Mutex<[Int: Result]>([:])
}

/// The blocks of one loop and the first error of their bodies.
private final class Job: Sendable {
    let blocks: Int
    let failure = Mutex<(any Error)?>(nil)
    private let count: Int
    private let blockSize: Int
    private let body: @Sendable (Range<Int>) throws -> Void
    private let next = Atomic(0)

    init(count: Int, blockSize: Int, body: @escaping @Sendable (Range<Int>) throws -> Void) {
        self.count = count
        self.blockSize = blockSize
        self.body = body
        blocks = (count - 1) / blockSize + 1
    }

    /// Takes blocks until none is left.
    func work() {
        while true {
            let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard block < blocks else { return }
            let start = block * blockSize
            do {
                try body(start..<min(start + blockSize, count))
            } catch {
                failure.withLock { $0 = $0 ?? error }
                next.store(blocks, ordering: .relaxed)
            }
        }
    }
}
