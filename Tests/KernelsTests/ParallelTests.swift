import Kernels
import Synchronization
import Testing

@Suite struct ParallelTests {
    @Test(arguments: [0, 1, 2, 3, 8], [0, 1, 7, 64, 1000])
    func `every index is met once, whatever the threads`(threads: Int, count: Int) throws {
        let met = Mutex([Int](repeating: 0, count: count))
        try Parallel.forEachBlock(count: count, blockSize: 7, threads: threads) { block in
            met.withLock { for index in block { $0[index] += 1 } }
        }
        #expect(met.withLock { $0.allSatisfy { $0 == 1 } })
    }

    @Test func `results come in the order of their blocks`() throws {
        let sums = try Parallel.mapBlocks(count: 100, blockSize: 9, threads: 3) { $0.reduce(0, +) }
        #expect(sums.count == 12)
        #expect(sums[0] == 36)
        #expect(sums[11] == 99)
    }

    @Test func `an error ends the loop and comes out`() {
        let begun = Mutex(0)
        #expect(throws: CancellationError.self) {
            try Parallel.forEach(count: 100_000, threads: 2) { _ in
                begun.withLock { $0 += 1 }
                throw CancellationError()
            }
        }
        #expect(begun.withLock { $0 } <= 2)
    }

    @Test func `two threads work at the same time`() throws {
        let meeting = Meeting()
        try Parallel.forEach(count: 2, threads: 2) { _ in meeting.arriveAndWait() }
        #expect(meeting.arrived.load(ordering: .relaxed) == 2)
    }

    /// Ends only when both have come.
    final class Meeting: Sendable {
        let arrived = Atomic(0)

        func arriveAndWait() {
            arrived.add(1, ordering: .sequentiallyConsistent)
            while arrived.load(ordering: .sequentiallyConsistent) < 2 {}
        }
    }
}
