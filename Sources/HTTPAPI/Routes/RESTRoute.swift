public import JSON

/// An operation whose name is its path, as those of Personalize's runtime.
public struct RESTRoute: Sendable {
    /// How an operation comes to its answer.
    enum Handler: Sendable {
        /// From memory, within a fraction of a millisecond: on the thread that has read the request.
        case atOnce(@Sendable (_ input: JSON) throws -> JSON)
        /// With waits, for a disk or another task: in a task of its own.
        case waiting(OperationHandler)
    }

    /// The path, as `/recommendations`.
    public let path: String
    /// What it does.
    let handler: Handler

    /// A route for `POST`.
    ///
    /// - Parameters:
    ///   - path: The path, from its slash.
    ///   - handler: What it does.
    public init(_ path: String, _ handler: @escaping OperationHandler) {
        self.path = path
        self.handler = .waiting(handler)
    }

    /// A route for `POST` that is answered from memory.
    ///
    /// The connections of one event loop wait for each other meanwhile, so nothing that takes long may stand here.
    ///
    /// - Parameters:
    ///   - path: The path, from its slash.
    ///   - handler: What it does.
    public init(_ path: String, atOnce handler: @escaping @Sendable (_ input: JSON) throws -> JSON) {
        self.path = path
        self.handler = .atOnce(handler)
    }
}
