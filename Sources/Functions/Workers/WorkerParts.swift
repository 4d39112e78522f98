internal import ChildProcesses
internal import struct FoundationEssentials.Date

/// What all workers of a service share.
struct WorkerParts: Sendable {
    let configuration: FunctionService.Configuration
    let code: CodeStore
    let python: PythonInterpreter
    let logs: FunctionLogs
    let listen: RuntimeListener
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    /// The folder of a layer's version, by its ARN.
    let layerFolder: @Sendable (_ arn: String) throws -> String

    func arn(of name: String) -> String {
        "arn:aws:lambda:\(configuration.region):\(configuration.account):function:\(name)"
    }

    /// The program of a function's worker, with all it is given.
    ///
    /// - Parameters:
    ///   - function: The function.
    ///   - runtimeAPI: Where the worker finds its Runtime API; `nil` for a plain program.
    ///   - requestID: The request of a plain program.
    /// - Returns: The command.
    /// - Throws: `ArchiveError` or a file system's error when the code cannot be unpacked.
    func command(
        for function: Function,
        runtimeAPI: String?,
        requestID: String? = nil
    ) async throws -> ProcessCommand {
        let settings = function.configuration
        let folder = try code.folder(of: function.code)
        var environment = try await environment(of: function, in: folder)
        environment["AWS_LAMBDA_RUNTIME_API"] = runtimeAPI
        environment["AWS_LAMBDA_REQUEST_ID"] = requestID
        let program: [String]
        if let command = settings.command {
            program = command
        } else if let runtime = settings.runtime, runtime.hasPrefix("python") {
            program = [try await python.path(), "\(code.folder)/bootstrap.py"]
        } else {
            program = ["./bootstrap"]
        }
        let name = program[0]
        let isInFolder = name.contains("/") && !name.hasPrefix("/")
        return ProcessCommand(
            program: isInFolder ? "\(folder)/\(name)" : name,
            arguments: Array(program.dropFirst()),
            environment: environment,
            workingDirectory: folder,
            limits: Self.limits(settings)
        )
    }

    /// Lambda's own limits.
    ///
    /// Memory is that which is held; what may be asked for beyond it stops a worker that grows
    /// faster than it is looked at.
    private static func limits(_ settings: FunctionConfiguration) -> ProcessLimits {
        let memory = UInt64(settings.memoryMegabytes) << 20
        return ProcessLimits(
            data: memory * 2 + 1 << 30,
            fileSize: UInt64(settings.storageMegabytes) << 20,
            openFiles: 1_024,
            residentMemory: memory,
            processes: 1_024
        )
    }

    private func environment(of function: Function, in folder: String) async throws -> [String: String] {
        let settings = function.configuration
        let layers = try settings.layers.map(layerFolder)
        var environment = try await configuration.environment()
        environment.merge(settings.environment) { _, own in own }
        // On Lambda these cannot be set by a function either.
        environment.merge([
            "AWS_REGION": configuration.region,
            "AWS_DEFAULT_REGION": configuration.region,
            "AWS_LAMBDA_FUNCTION_NAME": settings.name,
            "AWS_LAMBDA_FUNCTION_VERSION": FunctionName.latest,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(settings.memoryMegabytes)",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/\(settings.name)",
            "AWS_LAMBDA_LOG_STREAM_NAME": "\(settings.name)/[\(FunctionName.latest)]",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_FUNCTION_ARN": arn(of: settings.name),
            "LAMBDA_TASK_ROOT": folder,
            "_HANDLER": settings.handler ?? "",
        ]) { _, fixed in fixed }
        environment["AWS_EXECUTION_ENV"] = settings.runtime.map { "AWS_Lambda_\($0)" }
        let python = [folder] + layers.flatMap { ["\($0)/python", $0] }
        environment["PYTHONPATH"] = Self.joined(python, settings.environment["PYTHONPATH"])
        environment["PATH"] = Self.joined(layers.map { "\($0)/bin" }, environment["PATH"])
        environment["LD_LIBRARY_PATH"] = Self.joined(
            ["\(folder)/lib"] + layers.map { "\($0)/lib" },
            environment["LD_LIBRARY_PATH"]
        )
        return environment
    }

    private static func joined(_ paths: [String], _ rest: String?) -> String {
        (paths + [rest].compactMap { $0 }).joined(separator: ":")
    }
}

/// Finds the Python of the workers, once: behind a name on the path there is often a script that looks for it anew.
actor PythonInterpreter {
    private let name: String
    private let environment: @Sendable () async throws -> [String: String]
    private var found: String?

    init(name: String, environment: @escaping @Sendable () async throws -> [String: String]) {
        self.name = name
        self.environment = environment
    }

    /// Its file.
    func path() async throws -> String {
        if let found { return found }
        let output = LastLine()
        let process = try await ChildProcess.start(
            ProcessCommand(
                program: name,
                arguments: ["-c", "import sys; print(sys.executable)"],
                environment: environment()
            ),
            output: .lines(longest: 4_096) { output.set($0.text) }
        )
        let ending = await process.ended()
        let path = ending.isSuccess ? output.text : name
        found = path
        return path
    }
}
