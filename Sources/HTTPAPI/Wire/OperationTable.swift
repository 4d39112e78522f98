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
    private var waiting: Set<String> = []

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
        waiting.formUnion(other.waiting)
    }

    /// Says that an operation may wait long: it is cancelled when its client leaves.
    ///
    /// - Parameter operation: The operation's name.
    public mutating func waits(_ operation: String) { waiting.insert(operation) }

    /// Whether an operation may wait long.
    func mayWait(_ operation: String) -> Bool { waiting.contains(operation) }
}

extension OperationTable {
    /// Calls an operation as the wire does, without the wire.
    ///
    /// - Parameters:
    ///   - operation: Its name.
    ///   - input: The members of the request.
    /// - Returns: The members of the answer.
    /// - Throws: `OperationRefusal` with what a client would see; what is our own fault as it is.
    public func call(_ operation: String, _ input: JSON) async throws -> JSON {
        do {
            guard let handler = handlers[operation] else {
                throw WireError("UnknownOperationException", "\(service) has no operation \"\(operation)\"")
            }
            return try await handler(input)
        } catch {
            guard let visible = WireErrors.visible(error) else { throw error }
            let status = ErrorStatus.status(of: visible.code, in: wireProtocol) ?? 500
            throw OperationRefusal(error: visible, status: status)
        }
    }
}

/// An operation's refusal, with the HTTP status of its answer.
public struct OperationRefusal: Error, Sendable, Equatable {
    /// What a client sees.
    public let error: WireError
    /// The HTTP status.
    public let status: Int
}
