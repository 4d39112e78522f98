internal import CChildProcess
internal import Glibc

/// The three pipes to a program; who has them closes them.
struct Pipes {
    /// The program's ends.
    let childInput: Int32
    let childOutput: Int32
    let childErrors: Int32
    /// Ours, which never block.
    let input: Int32
    let output: Int32
    let errors: Int32

    init?() {
        guard let first = Self.pair() else { return nil }
        guard let second = Self.pair() else {
            Self.close(first)
            return nil
        }
        guard let third = Self.pair() else {
            Self.close(first)
            Self.close(second)
            return nil
        }
        (childInput, input) = first
        (output, childOutput) = second
        (errors, childErrors) = third
        for descriptor in [input, output, errors] {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
    }

    private static func pair() -> (read: Int32, write: Int32)? {
        var ends: [Int32] = [0, 0]
        return unsafe child_process_pipe(&ends) == 0 ? (ends[0], ends[1]) : nil
    }

    private static func close(_ pair: (read: Int32, write: Int32)) {
        Glibc.close(pair.read)
        Glibc.close(pair.write)
    }

    /// Closes the ends of the program, which has its own by now.
    func closeChildEnds() {
        for descriptor in [childInput, childOutput, childErrors] { Glibc.close(descriptor) }
    }

    /// Closes all six, when no program was started.
    func closeAll() {
        closeChildEnds()
        for descriptor in [input, output, errors] { Glibc.close(descriptor) }
    }
}
