public import StatesLanguage

/// Which handler does the tasks of which resource.
public struct TaskRegistry: Sendable {
    private var exact: [String: any TaskHandler] = [:]
    private var prefixes: [(prefix: String, handler: any TaskHandler)] = []
    private var integrations: [Integration] = []
    private var others: [String] = []

    /// A registry that knows no resource.
    public init() {}

    /// Adds the handler of a service: of all its actions, in all its ways.
    ///
    /// - Parameters:
    ///   - integration: The service.
    ///   - handler: Who does its tasks; `TaskInvocation.action` tells it what is asked.
    public mutating func register(_ integration: Integration, _ handler: any TaskHandler) {
        integrations.append(integration)
        for resource in integration.resources { exact[resource] = handler }
    }

    /// Adds a handler.
    ///
    /// - Parameters:
    ///   - pattern: A resource; or, ending in `:` or `*`, the beginning of many, of which the longest match wins.
    ///   - handler: Who does its tasks.
    public mutating func register(_ pattern: String, _ handler: any TaskHandler) {
        others.append(pattern)
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

    /// Adds a function as the handler of a service.
    public mutating func register(
        _ integration: Integration,
        _ body: @escaping @Sendable (TaskInvocation) async throws -> TaskResult
    ) {
        register(integration, FunctionHandler(body: body))
    }

    /// The handler of a resource; `nil` when nobody knows it.
    public func handler(for resource: String) -> (any TaskHandler)? {
        exact[resource] ?? prefixes.first { resource.hasPrefix($0.prefix) }?.handler
    }

    /// Everything somebody has registered: what a definition may ask.
    public var catalogue: ResourceCatalogue { ResourceCatalogue(integrations, others: others) }
}

private struct FunctionHandler: TaskHandler {
    let body: @Sendable (TaskInvocation) async throws -> TaskResult

    func run(_ task: TaskInvocation) async throws -> TaskResult { try await body(task) }
}
