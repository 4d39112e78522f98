internal import Dispatch
internal import Foundation
internal import Glibc

/// Hands mails to the machine's mail program.
struct SendmailSender {
    let path: String
    let timeout: Duration

    /// Hands a mail over, and answers in words how the program ended.
    @discardableResult
    func send(_ mail: Mail) async throws(SendingError) -> String {
        do {
            let result = try await run(mail)
            let said = result.said.isEmpty ? "" : ": \(result.said)"
            guard result.status == 0 else { throw SendingError("\"\(path)\" \(result.ending)\(said)") }
            return "\(path) took it\(said)"
        } catch let error as SendingError {
            throw error
        } catch {
            throw SendingError("\"\(path)\" cannot be run: \(error.localizedDescription)")
        }
    }

    private struct Result {
        let status: Int32
        let wasKilled: Bool
        let said: String

        var ending: String { wasKilled ? "was ended by signal \(status)" : "ended with exit code \(status)" }
    }

    /// Runs the program with the mail as its input.
    ///
    /// Files, not pipes: a program that does not read its input, or says too much, then blocks nobody.
    private func run(_ mail: Mail) async throws -> Result {
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw SendingError("\"\(path)\" is no program that can be run; install one or choose another")
        }
        let directory = FileManager.default.temporaryDirectory
        let input = directory.appending(path: "millrace-mail-\(mail.id)-\(UUID().uuidString)")
        let output = directory.appending(path: "\(input.lastPathComponent)-output")
        defer {
            try? FileManager.default.removeItem(at: input)
            try? FileManager.default.removeItem(at: output)
        }
        try Data(mail.text.utf8).write(to: input)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = ["-i", "-t"]
        process.standardInput = try FileHandle(forReadingFrom: input)
        let said = try FileHandle(forUpdating: output)
        process.standardOutput = said
        process.standardError = said
        try await finish(process)
        let text = String(decoding: try Data(contentsOf: output).prefix(300), as: UTF8.self)
        return Result(
            status: process.terminationStatus,
            wasKilled: process.terminationReason == .uncaughtSignal,
            said: text.trimmingCharacters(in: .whitespacesAndNewlines)
        )
    }

    private func finish(_ process: Process) async throws {
        let timer = DispatchSource.makeTimerSource()
        timer.setEventHandler {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
        timer.schedule(deadline: .now() + timeout / .seconds(1))
        timer.activate()
        defer { timer.cancel() }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}
