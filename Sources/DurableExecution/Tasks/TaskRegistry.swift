/// Which handler does the tasks of which resource.
public struct TaskRegistry: Sendable {
    private var exact: [String: any TaskHandler] = [:]
    private var prefixes: [(prefix: String, handler: any TaskHandler)] = []

    /// A registry that knows no resource.
    public init() {}

    /// Adds a handler.
    ///
    /// - Parameters:
    ///   - pattern: A resource; or, ending in `:` or `*`, the beginning of many, of which the longest match wins.
    ///   - handler: Who does its tasks.
    public mutating func register(_ pattern: String, _ handler: any TaskHandler) {
        guard let last = pattern.last, last == ":" || last == "*" else {
            exact[pattern] = handler
            return
        }
        let prefix = last == "*" ? String(pattern.dropLast()) : pattern
        prefixes.removeAll { $0.prefix == prefix }
        prefixes.append((prefix, handler))
        prefixes.sort { $0.prefix.count > $1.prefix.count }
    }

    /// Adds a function as a handler that ends its tasks with the output it returns.
    public mutating func register(
        _ pattern: String,
        _ body: @escaping @Sendable (TaskInvocation) async throws -> TaskResult
    ) {
        register(pattern, FunctionHandler(body: body))
    }

    /// The handler of a resource; `nil` when nobody knows it.
    public func handler(for resource: String) -> (any TaskHandler)? {
        exact[resource] ?? prefixes.first { resource.hasPrefix($0.prefix) }?.handler
    }

    /// The patterns somebody has registered, for messages.
    public var patterns: [String] { (exact.keys + prefixes.map { "\($0.prefix)*" }).sorted() }
}

private struct FunctionHandler: TaskHandler {
    let body: @Sendable (TaskInvocation) async throws -> TaskResult

    func run(_ task: TaskInvocation) async throws -> TaskResult { try await body(task) }
}
