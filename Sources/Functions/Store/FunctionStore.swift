public import struct FoundationEssentials.Date

/// Functions, layers, notifications and events that wait; every function is one transaction.
public protocol FunctionStore: Sendable {
    /// All functions, by name.
    func functions() async throws -> [Function]

    /// Saves a function; one of its name is replaced if `replacing`.
    ///
    /// - Parameters:
    ///   - function: What to save.
    ///   - replacing: Whether one of its name may be there.
    /// - Returns: Whether it was saved.
    /// - Throws: The store's own error.
    func saveFunction(_ function: Function, replacing: Bool) async throws -> Bool

    /// Removes a function, its notifications and the events that wait for it.
    func deleteFunction(_ name: String) async throws

    /// All versions of all layers, by name and version.
    func layerVersions() async throws -> [LayerVersion]

    /// Saves a version of a layer under the next number.
    ///
    /// - Parameters:
    ///   - name: The layer's name.
    ///   - make: Makes it of its number.
    /// - Returns: The version.
    /// - Throws: The store's own error.
    func addLayerVersion(
        of name: String,
        _ make: @escaping @Sendable (_ version: Int) -> LayerVersion
    ) async throws -> LayerVersion

    /// Removes a version of a layer; its number is not used again.
    func deleteLayerVersion(_ version: Int, of name: String) async throws

    /// All notifications of all buckets.
    func bucketNotifications() async throws -> [BucketNotification]

    /// Makes these the notifications of a bucket.
    func setBucketNotifications(_ notifications: [BucketNotification], of bucket: String) async throws

    /// Saves an event that a function is to be invoked with, unless there is or was one of its key.
    func addFunctionEvent(_ event: FunctionEvent) async throws

    /// The events that are due, earliest first; those of functions that are left out stay.
    func dueFunctionEvents(at now: Date, limit: Int) async throws -> [FunctionEvent]

    /// The earliest date at which an event becomes due.
    func nextFunctionEventDate() async throws -> Date?

    /// Saves what became of an attempt.
    func recordFunctionEvent(_ requestID: String, _ outcome: FunctionEvent.Outcome) async throws

    /// How many events wait and how many have failed for good, by function.
    func functionEventCounts() async throws -> [String: FunctionEvent.Counts]

    /// Removes what is known of events that ended before a date.
    func pruneFunctionEvents(endedBefore date: Date) async throws
}

/// An asynchronous invocation: kept until the function has taken it or has failed for good.
public struct FunctionEvent: Sendable, Equatable {
    /// What became of an attempt.
    public enum Outcome: Sendable, Equatable {
        /// The function has taken it.
        case done(at: Date)
        /// It has not reached the function, and is tried again without counting an attempt.
        case postponed(to: Date, error: String)
        /// It is tried again.
        case retry(at: Date, error: String)
        /// It has failed for good.
        case failed(at: Date, error: String)
    }

    /// How many events of a function are where.
    public struct Counts: Sendable, Equatable {
        /// Those that wait.
        public var waiting = 0
        /// Those that have failed for good.
        public var failed = 0

        /// None yet.
        public init() {}
    }

    /// The id of the request.
    public let requestID: String
    /// The function's name.
    public let function: String
    /// What it is given: JSON.
    public let payload: [UInt8]
    /// Of two events of one key the second is dropped.
    public let key: String?
    /// How often it was tried.
    public let attempts: Int
    /// When it was asked for.
    public let createdAt: Date
    /// When it is due.
    public let dueAt: Date

    /// An event of all its parts.
    public init(
        requestID: String,
        function: String,
        payload: [UInt8],
        key: String?,
        attempts: Int,
        createdAt: Date,
        dueAt: Date
    ) {
        self.requestID = requestID
        self.function = function
        self.payload = payload
        self.key = key
        self.attempts = attempts
        self.createdAt = createdAt
        self.dueAt = dueAt
    }
}
