import ChildProcesses
import FoundationEssentials
import Glibc
import TestSupport
import Testing

struct ChildProcessTests {
    private let path = ["PATH": "/usr/local/bin:/usr/bin:/bin"]

    private func shell(_ script: String, limits: ProcessLimits = ProcessLimits()) -> ProcessCommand {
        ProcessCommand(program: "sh", arguments: ["-c", script], environment: path, limits: limits)
    }

    private func exists(_ process: Int32) -> Bool { kill(process, 0) == 0 }

    @Test func `arguments, environment, directory and input reach the program`() async throws {
        let directory = try TemporaryDirectory()
        let (output, errors) = (Capture(), Capture())
        let command = ProcessCommand(
            program: "/bin/sh",
            arguments: ["-c", "pwd; echo \"$1 $COLOUR $HOME\"; cat; echo aside >&2; exit 3", "sh", "a b"],
            environment: ["COLOUR": "red", "PATH": "/usr/bin:/bin"],
            workingDirectory: directory.path
        )
        let process = try await ChildProcess.start(command, output: output.asLines, errors: errors.asLines)
        process.write(Array("first\n".utf8))
        process.write(Array("last".utf8))
        process.closeInput()
        #expect(await process.ended().reason == .exited(code: 3))
        #expect(output.lines == [directory.path, "a b red ", "first", "last"])
        #expect(errors.lines == ["aside"])
    }

    @Test func `the program leads a group of its own, ignores no signal and has no file of ours open`() async throws {
        let output = Capture()
        let ours = fcntl(STDERR_FILENO, F_DUPFD, 100)
        defer { close(ours) }
        let script = """
            cut -d' ' -f5 /proc/$$/stat
            test -e /proc/$$/fd/\(ours) && echo open
            exec sed -n 's/^SigIgn:.*\\(.\\{4\\}\\)$/\\1/p; s/^SigBlk:.//p' /proc/self/status
            """
        let process = try await ChildProcess.start(shell(script), output: output.asLines)
        #expect(await process.ended().isSuccess)
        #expect(output.lines == ["\(process.id)", "0000000000000000", "0000"])
    }

    @Test(arguments: ["/no/such/program", "no-such-program"])
    func `a program that does not exist is refused by name`(program: String) async {
        await #expect(throws: ProcessError.self) {
            try await ChildProcess.start(ProcessCommand(program: program, environment: path))
        }
        do {
            _ = try await ChildProcess.start(ProcessCommand(program: program, environment: path))
        } catch {
            #expect("\(error)".hasPrefix("\"\(program)\" cannot be started: No such file or directory; install it"))
        }
    }

    @Test func `a file that is no program is refused with a remedy`() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("echo", to: "plain")
        let error = await #expect(throws: ProcessError.self) {
            try await ChildProcess.start(ProcessCommand(program: file))
        }
        #expect(error?.code == EACCES)
        #expect(error?.description.hasSuffix("make it executable with chmod +x") == true)
    }

    @Test func `a program that exits at start leaves no zombie`() async throws {
        for _ in 0..<20 {
            let process = try await ChildProcess.start(ProcessCommand(program: "true", environment: path))
            #expect(await process.ended().isSuccess)
            #expect(!exists(process.id))
        }
    }

    @Test func `a program that hangs ends at SIGTERM`() async throws {
        let output = Capture()
        let process = try await ChildProcess.start(shell("echo up; exec sleep 1000"), output: output.asLines)
        #expect(await output.lines(atLeast: 1) == ["up"])
        process.stop(grace: .seconds(60))
        #expect(await process.ended().description == "signal: terminated")
    }

    @Test func `a program that ignores SIGTERM is killed after the grace, its children with it`() async throws {
        let output = Capture()
        let script = "trap '' TERM; sleep 1000 & echo $!; echo up; while :; do wait; done"
        let process = try await ChildProcess.start(shell(script), output: output.asLines)
        let child = Int32(try #require(await output.lines(atLeast: 2).first))
        process.stop(grace: .milliseconds(200))
        #expect(await process.ended().description == "signal: killed")
        #expect(await isGone(try #require(child)))
    }

    @Test func `what a program leaves behind ends with it`() async throws {
        let output = Capture()
        let process = try await ChildProcess.start(shell("sleep 1000 & echo $!; exit 0"), output: output.asLines)
        #expect(await process.ended().isSuccess)
        #expect(await isGone(try #require(Int32(output.lines[0]))))
    }

    /// Whether an orphan is gone or is only waiting for init to take its end.
    private func isGone(_ process: Int32) async -> Bool {
        for _ in 0..<2_000 {
            guard exists(process) else { return true }
            let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
            if status?.contains(") Z ") != false { return true }
            await Task.yield()
        }
        return false
    }

    @Test func `a program that nobody holds any more is killed`() async throws {
        let output = Capture()
        var process: ChildProcess? = try await ChildProcess.start(shell("echo up; sleep 1000"), output: output.asLines)
        _ = await output.lines(atLeast: 1)
        let id = try #require(process?.id)
        process = nil
        #expect(await isGone(id))
    }

    @Test func `a gigabyte is read in constant memory`() async throws {
        let output = Capture()
        let before = residentBytes()
        let process = try await ChildProcess.start(
            shell("head -c 1073741824 /dev/zero"),
            output: output.asChunks
        )
        #expect(await process.ended().isSuccess)
        #expect(output.byteCount == 1_073_741_824)
        #expect(residentBytes() - before < 64 << 20)
    }

    private func residentBytes() -> Int {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")[1]
        return (pages.flatMap { Int($0) } ?? 0) * 4_096
    }

    @Test func `a line without end is cut`() async throws {
        let output = Capture()
        let process = try await ChildProcess.start(
            shell("head -c 50000000 /dev/zero | tr '\\0' x; echo; echo end"),
            output: output.asLines
        )
        #expect(await process.ended().isSuccess)
        #expect(output.captured.map(\.droppedBytes) == [49_999_900, 0])
        #expect(output.lines == [String(repeating: "x", count: 100), "end"])
    }

    @Test func `a program that does not read its input holds up nobody`() async throws {
        let process = try await ChildProcess.start(ProcessCommand(program: "true", environment: path))
        process.write([UInt8](repeating: 1, count: 10_000_000))
        process.closeInput()
        #expect(await process.ended().isSuccess)
    }

    @Test func `ten megabytes go in and come out while neither end waits for the other`() async throws {
        let output = Capture()
        let process = try await ChildProcess.start(
            ProcessCommand(program: "cat", environment: path),
            output: output.asChunks
        )
        process.write([UInt8](repeating: 1, count: 10_000_000))
        process.closeInput()
        #expect(await process.ended().isSuccess)
        #expect(output.byteCount == 10_000_000)
    }
}
