internal import Integrity
public import JSON

/// An operation whose name is its method and path, as those of Personalize's runtime and of EventBridge Scheduler.
public struct RESTRoute: Sendable {
    /// How an operation comes to its answer.
    enum Handler: Sendable {
        /// From memory, within a fraction of a millisecond: on the thread that has read the request. The answer is the
        /// text of its JSON, which need not have been a value.
        case atOnce(@Sendable (_ input: JSON) throws -> [UInt8])
        /// From memory where it can be, and with waits where the first says nothing.
        case atOnceOr(@Sendable (_ input: JSON) throws -> [UInt8]?, OperationHandler)
        /// With waits, for a disk or another task: in a task of its own.
        case waiting(OperationHandler)
        /// With waits, bytes for bytes; when it is watched, it is cancelled as soon as its client leaves.
        case exchange(isWatched: Bool = true, ExchangeHandler)

        /// The same with members that stand in the URL.
        func given(_ members: JSONObject) -> Handler {
            @Sendable func completed(_ input: JSON) -> JSON {
                var input = input
                for (name, value) in members { input[name] = value }
                return input
            }
            return switch self {
            case .atOnce(let handler): .atOnce { input in try handler(completed(input)) }
            case .atOnceOr(let handler, let other):
                .atOnceOr({ input in try handler(completed(input)) }, { input in try await other(completed(input)) })
            case .waiting(let handler): .waiting { input in try await handler(completed(input)) }
            case .exchange(let isWatched, let handler):
                .exchange(isWatched: isWatched) { exchange in
                    var exchange = exchange
                    exchange.members = members
                    return try await handler(exchange)
                }
            }
        }
    }

    /// A member of the request that stands in the query of the URL.
    public struct QueryMember: Sendable {
        /// How a member is written there.
        public enum Kind: Sendable {
            /// As it is.
            case text
            /// In digits.
            case integer
            /// Once for each element.
            case list
        }

        let name: String
        let member: String
        let kind: Kind

        /// A member that stands in the query under a name, that of the member itself unless given.
        public init(_ member: String, named name: String? = nil, _ kind: Kind = .text) {
            self.name = name ?? member
            self.member = member
            self.kind = kind
        }
    }

    /// The method, as `POST`.
    public let method: String
    /// The path, as `/recommendations`; a part in braces is a member, as in `/schedules/{Name}`.
    public let path: String
    /// What stands in the query.
    public let query: [QueryMember]
    /// What it does.
    let handler: Handler
    /// How a request is refused whose body was not taken: what has a path of its own knows only faults of the input.
    var refusal: @Sendable (_ message: String) -> WireError = { WireError("InvalidInputException", $0) }

    /// A route for `POST`.
    ///
    /// - Parameters:
    ///   - path: The path, from its slash.
    ///   - handler: What it does.
    public init(_ path: String, _ handler: @escaping OperationHandler) {
        self.init("POST", path, handler)
    }

    /// A route for `POST` that is answered from memory.
    ///
    /// The connections of one event loop wait for each other meanwhile, so nothing that takes long may stand here.
    ///
    /// - Parameters:
    ///   - path: The path, from its slash.
    ///   - handler: What it does; it answers the text of a JSON object.
    public init(_ path: String, atOnce handler: @escaping @Sendable (_ input: JSON) throws -> [UInt8]) {
        method = "POST"
        self.path = path
        query = []
        self.handler = .atOnce(handler)
    }

    /// A route for `POST` that is answered from memory, or with waits where that says nothing.
    ///
    /// - Parameters:
    ///   - path: The path, from its slash.
    ///   - handler: What it does; it answers the text of a JSON object, or nothing.
    ///   - other: What it does else.
    init(
        _ path: String,
        atOnce handler: @escaping @Sendable (_ input: JSON) throws -> [UInt8]?,
        otherwise other: @escaping OperationHandler
    ) {
        method = "POST"
        self.path = path
        query = []
        self.handler = .atOnceOr(handler, other)
    }

    /// A route that is answered bytes for bytes.
    ///
    /// - Parameters:
    ///   - method: The method, as `POST`.
    ///   - path: The path, from its slash, with members in braces.
    ///   - query: The members that stand in the query.
    ///   - isWatched: Whether it is cancelled as soon as its client leaves.
    ///   - handler: What it does.
    public init(
        _ method: String,
        _ path: String,
        query: [QueryMember] = [],
        isWatched: Bool = true,
        exchange handler: @escaping ExchangeHandler
    ) {
        self.init(method, path, query: query, handler: .exchange(isWatched: isWatched, handler))
    }

    /// A route for a method.
    ///
    /// - Parameters:
    ///   - method: The method, as `GET`.
    ///   - path: The path, from its slash, with members in braces.
    ///   - query: The members that stand in the query.
    ///   - handler: What it does.
    public init(
        _ method: String,
        _ path: String,
        query: [QueryMember] = [],
        _ handler: @escaping OperationHandler
    ) {
        self.init(method, path, query: query, handler: .waiting(handler))
    }

    init(_ method: String, _ path: String, query: [QueryMember], handler: Handler) {
        self.method = method
        self.path = path
        self.query = query
        self.handler = handler
    }
}

/// All operations with a path of their own, and the way to the one that a request means.
struct RESTRoutes: Sendable {
    /// The routes of plain paths, by path; most requests need no more than this.
    private var plain: [String: [RESTRoute]] = [:]
    private var templates: [(parts: [Part], routes: [RESTRoute])] = []

    private enum Part: Sendable, Equatable {
        case text(String)
        case member(String)
    }

    /// Of two routes of one method and path the later is kept.
    init(_ routes: [RESTRoute]) {
        for route in routes.reversed() {
            let parts = route.path.split(separator: "/").map { part -> Part in
                let isMember = part.hasPrefix("{") && part.hasSuffix("}")
                return isMember ? .member(String(part.dropFirst().dropLast())) : .text(String(part))
            }
            if !parts.contains(where: { if case .member = $0 { true } else { false } }) {
                plain[route.path, default: []].append(route)
            } else if let index = templates.firstIndex(where: { $0.parts == parts }) {
                templates[index].routes.append(route)
            } else {
                templates.append((parts, [route]))
            }
        }
    }

    /// Every path, as it was declared.
    var paths: [String] { plain.keys + templates.compactMap { $0.routes.first?.path } }

    /// Whether a path is that of an operation, whatever the method.
    func has(_ path: String) -> Bool { plain[path] != nil || match(path) != nil }

    /// The operation of a request; its handler adds what stands in the URL to the members of the body.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - path: The path as it was sent, percent-encoded.
    ///   - query: The query as it was sent, without its question mark.
    /// - Returns: The route and its handler; `nil` when there is no such path.
    /// - Throws: `WireError` when the path is known and the method is not.
    func find(
        method: String,
        path: String,
        query: String?
    ) throws(WireError) -> (route: RESTRoute, handler: RESTRoute.Handler)? {
        var members: [(String, String)] = []
        var candidates = plain[path] ?? []
        if candidates.isEmpty, let match = match(path) { (candidates, members) = match }
        guard let first = candidates.first else { return nil }
        guard let route = candidates.first(where: { $0.method == method }) else {
            let allowed = candidates.map(\.method).sorted().joined(separator: ", ")
            throw WireError("MethodNotAllowedException", "\(first.path) takes \(allowed), not \(method)")
        }
        guard !members.isEmpty || !route.query.isEmpty else { return (route, route.handler) }
        var url = JSONObject()
        for (name, text) in members { url[name] = .string(text) }
        for (name, value) in try route.members(ofQuery: query ?? "") { url[name] = value }
        return (route, route.handler.given(url))
    }

    private func match(_ path: String) -> (routes: [RESTRoute], members: [(String, String)])? {
        let sent = path.split(separator: "/").map { $0.percentDecoded }
        for (parts, routes) in templates where parts.count == sent.count {
            var members: [(String, String)] = []
            let isMatch = zip(parts, sent).allSatisfy { part, text in
                switch part {
                case .text(let wanted): return wanted == text
                case .member(let name):
                    members.append((name, text))
                    return true
                }
            }
            if isMatch { return (routes, members) }
        }
        return nil
    }
}

extension RESTRoute {
    /// The members that stand in a query; what no member is named for is passed over.
    fileprivate func members(ofQuery text: String) throws(WireError) -> JSONObject {
        var members = JSONObject()
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].percentDecoded
            guard let known = query.first(where: { $0.name == name }) else { continue }
            let value = parts.count == 2 ? parts[1].percentDecoded : ""
            switch known.kind {
            case .text: members[known.member] = .string(value)
            case .list: members[known.member] = .array((members[known.member]?.array ?? []) + [.string(value)])
            case .integer:
                guard let number = Int(value) else {
                    throw WireError(
                        "ValidationException",
                        "\(known.name) \"\(value)\" in the URL must be a whole number"
                    )
                }
                members[known.member] = JSON(number)
            }
        }
        return members
    }
}

extension Substring {
    /// The text with `%41` read as the byte it stands for; what is no such code stays.
    var percentDecoded: String {
        guard utf8.contains(UInt8(ascii: "%")) else { return String(self) }
        return String(decoding: PercentEncoding.decode(self), as: UTF8.self)
    }
}
