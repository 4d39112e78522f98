internal import Glibc
internal import Synchronization

/// The bytes to and from a process, moved without ever waiting for one pipe alone.
struct ProcessTraffic: ~Copyable {
    private let wake: Int32
    private var input: Int32?
    private var pending: [ArraySlice<UInt8>] = []
    private var endsInput = false
    private var readers: [Reader]
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    private struct Reader {
        let descriptor: Int32
        var sink: Sink
        var isOpen = true
    }

    private enum Sink {
        case discarded
        case lines(LineSplitter, (ProcessLine) -> Void)
        case chunks(([UInt8]) -> Void)

        init(_ output: ProcessOutput) {
            switch output {
            case .discarded: self = .discarded
            case .lines(let longest, let body): self = .lines(LineSplitter(longest: longest), body)
            case .chunks(let body): self = .chunks(body)
            }
        }

        mutating func take(_ bytes: ArraySlice<UInt8>) {
            switch self {
            case .discarded: break
            case .lines(var splitter, let body):
                splitter.take(bytes, body)
                self = .lines(splitter, body)
            case .chunks(let body): body(Array(bytes))
            }
        }

        mutating func end() {
            guard case .lines(var splitter, let body) = self else { return }
            splitter.end(body)
        }
    }

    init(pipes: Pipes, wake: Int32, output: ProcessOutput, errors: ProcessOutput) {
        self.wake = wake
        input = pipes.input
        readers = [
            Reader(descriptor: pipes.output, sink: Sink(output)), Reader(descriptor: pipes.errors, sink: Sink(errors)),
        ]
    }

    /// Takes what is to be written, and whether the input ends after it.
    mutating func give(_ bytes: [ArraySlice<UInt8>], ends: Bool) {
        guard input != nil else { return }
        pending.append(contentsOf: bytes)
        endsInput = ends
        closeInputWhenDone()
    }

    /// Waits until something can be moved, is asked or is due, and moves it.
    ///
    /// - Parameters:
    ///   - end: A descriptor that is readable once the process has ended.
    ///   - timeout: Milliseconds; -1 for no end.
    ///   - handingOver: Is set from before something is read until it was handed over.
    /// - Returns: Whether the process has ended.
    mutating func move(until end: Int32, timeout: Int32, handingOver: borrowing Atomic<Bool>) -> Bool {
        let writing = pending.isEmpty ? nil : input
        var polled = [
            pollfd(fd: end, events: Int16(POLLIN), revents: 0), pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: writing ?? -1, events: Int16(POLLOUT), revents: 0),
        ]
        // A negative descriptor is left out by poll.
        polled += readers.map { pollfd(fd: $0.isOpen ? $0.descriptor : -1, events: Int16(POLLIN), revents: 0) }
        guard unsafe poll(&polled, nfds_t(polled.count), timeout) > 0 else { return false }
        if polled[1].revents != 0 { _ = unsafe read(wake, &buffer, 8) }
        if polled[2].revents != 0 { writePending() }
        handingOver.store(true, ordering: .sequentiallyConsistent)
        for index in readers.indices where polled[3 + index].revents != 0 { readSome(index) }
        handingOver.store(false, ordering: .sequentiallyConsistent)
        return polled[0].revents != 0
    }

    /// Reads what is in the pipes: only so much as they can hold, since a program may write without end.
    mutating func drain() {
        for index in readers.indices {
            for _ in 0..<32 where readers[index].isOpen {
                if !readSome(index) { break }
            }
        }
    }

    /// Reads what a process that has ended left in its pipes, and closes them.
    mutating func finish() {
        drain()
        for index in readers.indices {
            readers[index].sink.end()
            close(readers[index].descriptor)
        }
        if let input { close(input) }
        input = nil
    }

    /// - Returns: Whether there may be more.
    @discardableResult private mutating func readSome(_ index: Int) -> Bool {
        let count = unsafe read(readers[index].descriptor, &buffer, buffer.count)
        if count > 0 {
            readers[index].sink.take(buffer[..<count])
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            readers[index].isOpen = false
        }
        return count > 0
    }

    private mutating func writePending() {
        while let input, let first = pending.first {
            let count = unsafe first.withUnsafeBytes { unsafe write(input, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EAGAIN || errno == EINTR { return }
                // It has closed its input: nobody will read the rest.
                pending.removeAll()
                endsInput = true
            } else {
                pending[0] = first.dropFirst(count)
                if pending[0].isEmpty { pending.removeFirst() }
            }
        }
        closeInputWhenDone()
    }

    private mutating func closeInputWhenDone() {
        guard endsInput, pending.isEmpty, let input else { return }
        close(input)
        self.input = nil
    }
}
