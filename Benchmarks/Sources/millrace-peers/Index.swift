import ArgumentParser
import Kernels

/// Builds an index of vectors, and asks it for the ten nearest of each query, on one thread.
struct Index: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Build an index of vectors, and ask it.")

    @Argument(help: "The file: 32-bit numbers, a row a vector, those of the queries last.")
    var file: String
    @Argument(help: "How many columns a row has.")
    var columns: Int
    @Argument(help: "How many rows are queries.")
    var queries: Int
    @OptionGroup var options: WorkOptions

    func run() throws {
        let mapped = try MappedFile(path: file)
        let numbers = try MappedArray<Float>(mapped, offset: 0, count: mapped.count / MemoryLayout<Float>.stride)
        let count = numbers.count / columns - queries
        let (runs, graph) = try measured(options.count) {
            let rows = vectors(numbers, 0..<count, threads: options.threads)
            let random = CounterRandom(seed: options.seed, stream: 0)
            return try NeighbourGraph(rows, random: random, threads: options.threads)
        }
        let (asked, found) = try measured(options.count) {
            graph.nearest(to: vectors(numbers, count..<count + queries, threads: 1), count: 10, threads: 1)
        }
        try WorkReport(runs: runs, queries: asked, lists: found.map { $0.map(\.row) }).print()
    }

    private func vectors(_ numbers: MappedArray<Float>, _ rows: Range<Int>, threads: Int) -> UnitVectors {
        let (columns, first) = (columns, rows.lowerBound)
        return UnitVectors(count: rows.count, columns: columns, threads: threads) { row, target in
            for column in 0..<columns { target[column] = numbers[(first + row) * columns + column] }
        }
    }
}
