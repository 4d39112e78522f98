internal import CChildProcess
internal import Glibc

/// Starts the program of a command on this thread, with which it ends.
struct ProcessStart {
    let command: ProcessCommand

    /// - Returns: The process's id.
    func run(_ pipes: Pipes) throws(ProcessError) -> pid_t {
        guard !texts.contains(where: { $0.utf8.contains(0) }) else { throw ProcessError(command.program, code: EINVAL) }
        let program = try path()
        let arguments = CStrings([command.program] + command.arguments)
        let environment = CStrings(command.environment.map { "\($0.key)=\($0.value)" })
        var process: pid_t = 0
        let descriptors = (pipes.childInput, pipes.childOutput, pipes.childErrors)
        let code = unsafe program.withCString { program in
            unsafe withOptionalCString(command.workingDirectory) { directory in
                var plan = unsafe child_process_plan()
                unsafe plan.program = program
                unsafe plan.arguments = UnsafePointer(arguments.pointers)
                unsafe plan.environment = UnsafePointer(environment.pointers)
                unsafe plan.directory = directory
                unsafe plan.descriptors = descriptors
                unsafe plan.limits = limits
                return unsafe child_process_start(&plan, &process)
            }
        }
        guard code == 0 else { throw ProcessError(program, code: code) }
        return process
    }

    private var texts: [String] {
        [command.program, command.workingDirectory ?? ""] + command.arguments
            + command.environment.flatMap { [$0.key, $0.value] }
    }

    private var limits: child_process_limits {
        let limits = command.limits
        return child_process_limits(
            address_space: limits.addressSpace ?? .max,
            data: limits.data ?? .max,
            file_size: limits.fileSize ?? .max,
            open_files: limits.openFiles ?? .max
        )
    }

    /// The program's file: as given if it is a path, else the first of its name on `PATH`.
    private func path() throws(ProcessError) -> String {
        guard !command.program.contains("/") else { return command.program }
        let directories = (command.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        let candidates = directories.map { "\($0)/\(command.program)" }
        guard let found = candidates.first(where: { unsafe access($0, X_OK) == 0 }) else {
            throw ProcessError(command.program, code: ENOENT)
        }
        return found
    }
}

private func withOptionalCString<R>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
    guard let text else { return body(nil) }
    return unsafe text.withCString { unsafe body($0) }
}

/// Texts as C has them, ending with a null pointer.
@safe private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        unsafe pointers = UnsafeMutablePointer.allocate(capacity: count + 1)
        for (index, text) in texts.enumerated() { unsafe (pointers + index).initialize(to: strdup(text)) }
        unsafe (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}
