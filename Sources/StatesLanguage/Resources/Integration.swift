/// A service that Task states can ask, with what they can ask of it and in which ways.
///
/// ```swift
/// Integration("sns", actions: ["publish"])          // arn:aws:states:::sns:publish, ….waitForTaskToken
/// Integration("aws-sdk:s3", actions: ["getObject"]) // arn:aws:states:::aws-sdk:s3:getObject, …
/// ```
public struct Integration: Sendable, Hashable {
    /// How a task comes to its end; the raw value is what the resource ends with.
    public enum Pattern: String, Sendable, CaseIterable {
        /// The answer to the request is the result.
        case requestResponse = ""
        /// The job that the request began must end.
        case sync = ".sync"
        /// The same, with the job's output as JSON and not as text.
        case sync2 = ".sync:2"
        /// Whoever gets the token must send it back.
        case waitForTaskToken = ".waitForTaskToken"
    }

    /// What stands before the action: `sns`, `aws-sdk:s3`.
    public let service: String
    /// What can be asked, as `publish`.
    public let actions: [String]
    /// In which ways.
    public let patterns: [Pattern]

    /// A service with its actions.
    ///
    /// - Parameters:
    ///   - service: What stands before the action: `sns`, `aws-sdk:s3`.
    ///   - actions: What can be asked.
    ///   - patterns: In which ways; a token can be waited for with every service, unless given.
    public init(_ service: String, actions: [String], patterns: [Pattern] = [.requestResponse, .waitForTaskToken]) {
        self.service = service
        self.actions = actions
        self.patterns = patterns
    }

    /// Every resource that names one of its actions in one of its ways.
    public var resources: [String] {
        actions.flatMap { action in patterns.map { "\(prefix)\(action)\($0.rawValue)" } }
    }

    /// What the resources of its tasks begin with.
    public var prefix: String { "arn:aws:states:::\(service):" }

    /// The action and the way in which a resource asks this service; `nil` when it is another's, or not to be had.
    ///
    /// - Parameter resource: The resource of a Task state.
    /// - Returns: As `("publish", .waitForTaskToken)`.
    public func call(in resource: String) -> (action: String, pattern: Pattern)? {
        guard resource.hasPrefix(prefix) else { return nil }
        let call = resource.dropFirst(prefix.count)
        let pattern = patterns.first { $0 != .requestResponse && call.hasSuffix($0.rawValue) } ?? .requestResponse
        let action = String(call.dropLast(pattern.rawValue.count))
        guard patterns.contains(pattern), actions.contains(action) else { return nil }
        return (action, pattern)
    }
}
