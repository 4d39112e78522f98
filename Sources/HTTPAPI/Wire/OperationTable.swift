public import JSON

/// What an operation does: the members of the request in, those of the answer out.
public typealias OperationHandler = @Sendable (_ input: JSON) async throws -> JSON

/// The operations of one service, by name.
///
/// A request names its operation in the header `X-Amz-Target: SERVICE.OPERATION`. The table is open: whoever wires the
/// program adds operations as closures.
///
/// ```swift
/// var table = OperationTable(service: "Millrace", protocol: .json11)
/// table["Status"] = { _ in ["executions": 3] }
/// ```
public struct OperationTable: Sendable {
    /// What stands before the dot of the header, as `AWSStepFunctions`.
    public let service: String
    /// How the service's requests are framed.
    public let wireProtocol: WireProtocol
    private var handlers: [String: OperationHandler] = [:]

    /// A table without operations.
    ///
    /// - Parameters:
    ///   - service: What stands before the dot of the header.
    ///   - wireProtocol: How the service's requests are framed.
    public init(service: String, protocol wireProtocol: WireProtocol) {
        self.service = service
        self.wireProtocol = wireProtocol
    }

    /// The handler of an operation; setting adds or replaces one.
    public subscript(operation: String) -> OperationHandler? {
        get { handlers[operation] }
        set { handlers[operation] = newValue }
    }

    /// The names of all operations, sorted.
    public var names: [String] { handlers.keys.sorted() }

    /// Adds the operations of another table; of two with one name the other's is kept.
    public mutating func merge(_ other: OperationTable) {
        handlers.merge(other.handlers) { _, new in new }
    }
}
