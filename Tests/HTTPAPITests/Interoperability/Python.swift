import Foundation

/// Runs Python programs, for the tests that let AWS's own clients judge our wire.
enum Python {
    /// Whether `boto3` can be imported.
    static let hasBoto3 = exitCode(of: ["python3", "-c", "import boto3"]) == 0

    /// Whether the AWS CLI can be started.
    static let hasCommandLine = exitCode(of: ["aws", "--version"]) == 0

    struct Output: Sendable {
        let exitCode: Int32
        let standardOutput: String
        let standardError: String
    }

    /// What every client gets: credentials that are never checked, and no second try that would hide a fault.
    static let environment = ProcessInfo.processInfo.environment.merging([
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
    ]) { $1 }

    /// Runs a program with `sfn`, `personalize`, `runtime`, `events` and `scheduler` as clients of the service on a port.
    static func run(_ program: String, port: Int) async throws -> Output {
        let clients = """
            import boto3, json
            from botocore.config import Config
            # TestState and StartSyncExecution have a host of their own, "sync-…", which is no name here.
            config = Config(inject_host_prefix=False)
            def client(name): return boto3.client(name, endpoint_url="http://127.0.0.1:\(port)", config=config)
            sfn, personalize, runtime = client("stepfunctions"), client("personalize"), client("personalize-runtime")
            events, scheduler = client("personalize-events"), client("scheduler")

            """
        return try await run(["python3", "-c", clients + program])
    }

    /// Runs a command to its end without holding up the pool's threads.
    static func run(_ command: [String]) async throws -> Output {
        let (output, errors) = (Pipe(), Pipe())
        let process = process(command)
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        async let standardOutput = text(of: output)
        async let standardError = text(of: errors)
        let texts = await (standardOutput, standardError)
        process.waitUntilExit()
        return Output(exitCode: process.terminationStatus, standardOutput: texts.0, standardError: texts.1)
    }

    private static func text(of pipe: Pipe) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let data = pipe.fileHandleForReading.readDataToEndOfFile()
                continuation.resume(returning: String(decoding: data, as: UTF8.self))
            }
        }
    }

    private static func process(_ command: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.environment = environment
        return process
    }

    private static func exitCode(of command: [String]) -> Int32 {
        let process = process(command)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
