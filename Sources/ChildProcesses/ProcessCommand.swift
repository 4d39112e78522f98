/// A program with what it is given, as it is to be started.
public struct ProcessCommand: Sendable, Equatable {
    /// The program: a path, seen from the working directory unless absolute, or a name that `PATH` of the environment
    /// leads to.
    public var program: String
    /// What follows the program's name.
    public var arguments: [String]
    /// The whole environment; nothing is inherited.
    public var environment: [String: String]
    /// Where it starts; the caller's own directory unless given.
    public var workingDirectory: String?
    /// What it may use.
    public var limits: ProcessLimits

    /// A program with what it is given.
    ///
    /// - Parameters:
    ///   - program: A path, or a name to be found by `PATH` of the environment.
    ///   - arguments: What follows the program's name.
    ///   - environment: The whole environment.
    ///   - workingDirectory: Where it starts; the caller's own directory unless given.
    ///   - limits: What it may use.
    public init(
        program: String,
        arguments: [String] = [],
        environment: [String: String] = [:],
        workingDirectory: String? = nil,
        limits: ProcessLimits = ProcessLimits()
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.limits = limits
    }
}

/// What a program may use; `nil` where nothing is said.
///
/// The first four are the system's resource limits: of each process of the group for itself, met with an error of the
/// call that exceeds them. The last two are of the whole group; it is killed within some 200 ms of exceeding them.
public struct ProcessLimits: Sendable, Equatable {
    /// Bytes of address space of a process.
    public var addressSpace: UInt64?
    /// Bytes of private memory that a process may write.
    public var data: UInt64?
    /// Bytes of a file that is written.
    public var fileSize: UInt64?
    /// Open files of a process.
    public var openFiles: UInt64?
    /// Bytes of memory that all processes of the group hold.
    public var residentMemory: UInt64?
    /// Processes and their threads in the group.
    public var processes: Int?

    /// Limits; `nil` for those about which nothing is said.
    public init(
        addressSpace: UInt64? = nil,
        data: UInt64? = nil,
        fileSize: UInt64? = nil,
        openFiles: UInt64? = nil,
        residentMemory: UInt64? = nil,
        processes: Int? = nil
    ) {
        self.addressSpace = addressSpace
        self.data = data
        self.fileSize = fileSize
        self.openFiles = openFiles
        self.residentMemory = residentMemory
        self.processes = processes
    }
}
