/// Where the logs of executions go.
public protocol LogSink: Sendable {
    /// Appends lines to the log of a group, in order.
    ///
    /// - Parameters:
    ///   - lines: JSON objects without line ends.
    ///   - group: The log group's name, as `/aws/vendedlogs/states/orders`.
    /// - Throws: What keeps the lines from being written; then they are lost, and the executions go on.
    func append(_ lines: [String], to group: String) throws
}
