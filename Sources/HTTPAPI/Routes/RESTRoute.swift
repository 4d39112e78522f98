/// An operation whose name is its path, as those of Personalize's runtime.
public struct RESTRoute: Sendable {
    /// The path, as `/recommendations`.
    public let path: String
    /// What it does.
    public let handler: OperationHandler

    /// A route for `POST`.
    ///
    /// - Parameters:
    ///   - path: The path, from its slash.
    ///   - handler: What it does.
    public init(_ path: String, _ handler: @escaping OperationHandler) {
        self.path = path
        self.handler = handler
    }
}
