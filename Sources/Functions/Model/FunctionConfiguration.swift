/// How a function is run; what is not said has Lambda's defaults.
public struct FunctionConfiguration: Sendable, Codable, Equatable {
    /// How a worker is spoken to.
    public enum Mode: String, Sendable, Codable {
        /// It asks for invocations over the Lambda Runtime API and lives on between them.
        case runtime
        /// It is started for each invocation: JSON on standard input, JSON on standard output, exit code 0.
        case plain
    }

    /// The name, unique in the service.
    public var name: String
    /// For people.
    public var description = ""
    /// As `python3.12` or `provided.al2023`; `nil` with a `command`.
    public var runtime: String?
    /// For Python `MODULE.FUNCTION`; for others what the program makes of it.
    public var handler: String?
    /// The program and its arguments; a relative path is in the function's folder.
    public var command: [String]?
    /// How workers are spoken to.
    public var mode = Mode.runtime
    /// Variables beside those that every worker gets.
    public var environment: [String: String] = [:]
    /// Seconds an invocation may take: 1 to 900.
    public var timeoutSeconds = 3
    /// Mebibytes that the processes of a worker may hold: 128 to 10,240.
    public var memoryMegabytes = 128
    /// Mebibytes that a file which a worker writes may have: 512 to 10,240.
    public var storageMegabytes = 512
    /// How many invocations run at the same time at most; others wait for their turn.
    public var concurrency = 4
    /// Layers, by ARN; what the first has hides what later ones have.
    public var layers: [String] = []
    /// Kept for clients that want it back.
    public var role: String?
    /// Kept for clients that want them back.
    public var tags: [String: String] = [:]

    /// A function with defaults.
    public init(name: String) { self.name = name }
}

/// Where the code of a function or layer is.
public enum CodeSource: Sendable, Codable, Equatable {
    /// In an archive that the service keeps: the SHA-256 in hexadecimal digits, and its bytes.
    case archive(sha256: String, size: Int)
    /// In a folder of the user's, used as it is; the mark changes with any file in it.
    case folder(path: String, mark: String)
}

/// A function: how it is run and what is run.
public struct Function: Sendable, Codable, Equatable {
    /// How it is run.
    public var configuration: FunctionConfiguration
    /// What is run.
    public var code: CodeSource
    /// When either was changed last, in seconds since 1970.
    public var lastModified: Double
    /// Another with each change.
    public var revisionID: String
    /// Which drops into buckets start it, as its `function.json` says.
    public var events: [ObjectFilter] = []

    /// Whether it lies in a folder of the user's, so that only its files change it.
    public var isFolder: Bool {
        if case .folder = code { true } else { false }
    }
}

/// Objects that start a function when they are put into a bucket.
public struct ObjectFilter: Sendable, Codable, Equatable {
    /// The bucket's name.
    public var bucket: String
    /// How the key begins.
    public var prefix: String
    /// How the key ends.
    public var suffix: String

    /// A filter; empty texts match every key.
    public init(bucket: String, prefix: String = "", suffix: String = "") {
        self.bucket = bucket
        self.prefix = prefix
        self.suffix = suffix
    }

    /// Whether an object is one of those.
    public func matches(bucket: String, key: String) -> Bool {
        self.bucket == bucket && key.hasPrefix(prefix) && key.hasSuffix(suffix)
    }
}

/// A version of a layer: an archive whose folders are put on the paths of a function.
public struct LayerVersion: Sendable, Codable, Equatable {
    /// The layer's name.
    public let name: String
    /// From 1 on.
    public let version: Int
    /// For people.
    public let description: String
    /// As `python3.12`; for people.
    public let compatibleRuntimes: [String]
    /// Its content.
    public let code: CodeSource
    /// In seconds since 1970.
    public let createdAt: Double
}

/// Who starts a function when an object is put into a bucket, set for the bucket from outside.
public struct BucketNotification: Sendable, Codable, Equatable {
    /// Its id, unique in its bucket.
    public let id: String
    /// The function's name.
    public let function: String
    /// Which objects.
    public let filter: ObjectFilter
    /// In seconds since 1970; objects that were there before start nothing.
    public let since: Double

    /// A notification of all its parts.
    public init(id: String, function: String, filter: ObjectFilter, since: Double) {
        self.id = id
        self.function = function
        self.filter = filter
        self.since = since
    }
}
