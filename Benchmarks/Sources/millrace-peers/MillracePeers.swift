import ArgumentParser

/// Our side of the comparison that `Benchmarks/Peers/compare` makes.
@main
struct MillracePeers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millrace-peers",
        abstract: "Do a piece of work that a peer does too, and print its times, memory and answers as JSON.",
        discussion: "Benchmarks/Peers/compare runs it, and writes the folders it reads.",
        subcommands: [Fit.self, Answer.self, Rate.self, Search.self, Index.self]
    )
}

/// How a piece of work is done.
struct WorkOptions: ParsableArguments {
    @Option(name: .customLong("repeat"), help: "How often.")
    var count = 1
    @Option(help: "The most threads to work at once.")
    var threads = 2
    @Option(help: "What all random numbers derive from.")
    var seed: UInt64 = 1

    func validate() throws {
        guard count >= 1 else { throw ValidationError("--repeat \"\(count)\" must be one or more") }
        guard threads >= 1 else { throw ValidationError("--threads \"\(threads)\" must be one or more") }
    }
}
