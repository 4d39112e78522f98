@testable import ChildProcesses
import TestSupport
import Testing

struct ProcessLimitTests {
    private func run(
        _ arguments: [String],
        _ limits: ProcessLimits
    ) async throws -> (ending: ProcessEnding, errors: String) {
        let errors = Capture()
        let command = ProcessCommand(
            program: arguments[0],
            arguments: Array(arguments.dropFirst()),
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"],
            limits: limits
        )
        let process = try await ChildProcess.start(command, errors: errors.asLines)
        return (await process.ended(), errors.lines.joined(separator: "\n"))
    }

    @Test func `a fork bomb is killed whole`() async throws {
        // It doubles seven times and then stands still, so that it harms nobody should the limit not hold.
        let bomb = "bomb() { [ $1 -gt 0 ] && { bomb $(($1 - 1)) & bomb $(($1 - 1)) & }; sleep 1000; }; bomb 7"
        let (ending, _) = try await run(["sh", "-c", bomb], ProcessLimits(processes: 50))
        #expect(ending == ProcessEnding.killed(for: .processes))
    }

    @Test func `memory beyond the limit of the group kills it`() async throws {
        let hoard = "import time\nkept = []\nwhile True: kept.append(bytearray(4 << 20)); time.sleep(0.005)"
        let (ending, _) = try await run(["python3", "-c", hoard], ProcessLimits(residentMemory: 96 << 20))
        #expect(ending == ProcessEnding.killed(for: .residentMemory))
    }

    @Test func `a program that asks for more address space than it may gets an error`() async throws {
        let (ending, errors) = try await run(
            ["python3", "-c", "bytearray(1 << 30)"],
            ProcessLimits(addressSpace: 512 << 20)
        )
        #expect(ending.reason == .exited(code: 1))
        #expect(errors.contains("MemoryError"))
    }

    @Test func `a file that grows too long ends its writer`() async throws {
        let directory = try TemporaryDirectory()
        let (ending, _) = try await run(
            ["dd", "if=/dev/zero", "of=\(directory.file("big"))", "bs=1M", "count=4"],
            ProcessLimits(fileSize: 1 << 20)
        )
        #expect(ending.description == "signal: file size limit exceeded")
    }

    @Test func `files beyond the limit cannot be opened`() async throws {
        let (ending, errors) = try await run(
            ["python3", "-c", "kept = [open('/dev/null') for _ in range(40)]"],
            ProcessLimits(openFiles: 32)
        )
        #expect(ending.reason == .exited(code: 1))
        #expect(errors.contains("Too many open files"))
    }
}

extension ProcessEnding {
    static func killed(for limit: Limit) -> ProcessEnding { ProcessEnding(reason: .signalled(9), exceeded: limit) }
}
