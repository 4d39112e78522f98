internal import FoundationEssentials
internal import JSON
internal import Notifications
internal import StatesLanguage

/// The request of an HTTP task, made of its parameters and of its connection, which wins where both speak.
struct HTTPCall {
    let request: HTTPSender.Request

    static let names: Set<String> = [
        "ApiEndpoint", "Method", "Headers", "QueryParameters", "RequestBody", "Transform", "Authentication",
        "InvocationConfig",
    ]
    private static let methods: Set<String> = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]
    /// Headers that a definition may not set, beside those that begin with `x-forwarded-`, `x-amz-` and `x-amzn-`.
    private static let forbidden: Set<String> = [
        "a-im", "accept-charset", "accept-datetime", "accept-encoding", "authorization", "cache-control", "connection",
        "content-encoding", "content-length", "content-md5", "date", "expect", "forwarded", "from", "host",
        "http2-settings", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since",
        "max-forwards", "origin", "pragma", "proxy-authorization", "referer", "server", "te", "trailer",
        "transfer-encoding", "upgrade", "via", "warning",
    ]

    init(_ parameters: TaskParameters, connection: Connection?, region: String) throws {
        let endpoint = try parameters.string("ApiEndpoint")
        guard endpoint.hasPrefix("http://") || endpoint.hasPrefix("https://"),
            endpoint.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw parameters.malformed("ApiEndpoint") }
        let method = try parameters.string("Method")
        guard Self.methods.contains(method) else { throw parameters.malformed("Method") }
        let isForm = try Self.isForm(parameters)
        var headers = Headers()
        headers["User-Agent"] = "Amazon|StepFunctions|HttpInvoke|\(region)"
        headers["Range"] = "bytes=0-262144"
        let body = try Self.body(parameters, connection, isForm: isForm)
        if body != nil {
            headers["Content-Type"] = isForm ? "application/x-www-form-urlencoded" : "application/json; charset=UTF-8"
        }
        try Self.add(parameters, to: &headers)
        for (name, value) in connection?.headers ?? [:] { headers[name] = value }
        Self.authorize(connection, &headers)
        request = HTTPSender.Request(
            method: method,
            url: try Self.url(endpoint, parameters, connection),
            headers: headers.fields,
            body: body
        )
    }

    // MARK: Headers

    private struct Headers {
        private(set) var fields: [HTTPSender.Field] = []

        subscript(name: String) -> String {
            get { fields.first { $0.name.lowercased() == name.lowercased() }?.value ?? "" }
            set {
                fields.removeAll { $0.name.lowercased() == name.lowercased() }
                fields.append(HTTPSender.Field(name, newValue))
            }
        }
    }

    private static func add(_ parameters: TaskParameters, to headers: inout Headers) throws {
        for (name, value) in try parameters.optionalObject("Headers") ?? [:] {
            let folded = name.lowercased()
            let isReserved = ["x-forwarded-", "x-amz-", "x-amzn-"].contains(where: folded.hasPrefix)
            guard !isReserved, !forbidden.contains(folded) else {
                throw parameters.refusal("The 'Headers' field contains unsupported values: [\(folded)]")
            }
            let values = value.array ?? [value]
            let text = values.map(FormEncoding.plain).joined(separator: ",")
            guard isToken(name), !text.utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) else {
                throw parameters.malformed("Headers")
            }
            headers[name] = text
        }
    }

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
    }

    private static func authorize(_ connection: Connection?, _ headers: inout Headers) {
        switch connection?.authorization {
        case .apiKey(let name, let value): headers[name] = value
        case .basic(let username, let password):
            headers["Authorization"] = "Basic \(Data("\(username):\(password)".utf8).base64EncodedString())"
        case .some(.none), nil: break
        }
    }

    // MARK: Query

    private static func url(
        _ endpoint: String,
        _ parameters: TaskParameters,
        _ connection: Connection?
    ) throws -> String {
        var pairs: [(String, String)] = []
        let own = connection?.query ?? [:]
        for (name, value) in try parameters.optionalObject("QueryParameters") ?? [:] where own[name] == nil {
            pairs += (value.array ?? [value]).map { (name, FormEncoding.plain($0)) }
        }
        pairs += own.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        guard !pairs.isEmpty else { return endpoint }
        let query = pairs.map { name, value in
            "\(FormEncoding.encoded(name, space: "%20"))=\(FormEncoding.encoded(value, space: "%20"))"
        }
        let parts = endpoint.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let mark = parts[0].contains("?") ? "&" : "?"
        return "\(parts[0])\(mark)\(query.joined(separator: "&"))"
    }

    // MARK: Body

    private static func isForm(_ parameters: TaskParameters) throws -> Bool {
        guard let transform = try parameters.optionalObject("Transform") else { return false }
        switch transform["RequestBodyEncoding"]?.string ?? "NONE" {
        case "NONE": return false
        case "URL_ENCODED": return true
        default: throw parameters.malformed("Transform.RequestBodyEncoding")
        }
    }

    private static func arrayFormat(_ parameters: TaskParameters) throws -> FormEncoding.ArrayFormat {
        guard let name = parameters["Transform"]?["RequestEncodingOptions"]?["ArrayFormat"] else { return .indices }
        guard let format = name.string.flatMap(FormEncoding.ArrayFormat.init) else {
            throw parameters.malformed("Transform.RequestEncodingOptions.ArrayFormat")
        }
        return format
    }

    private static func body(
        _ parameters: TaskParameters,
        _ connection: Connection?,
        isForm: Bool
    ) throws -> [UInt8]? {
        var body = parameters["RequestBody"]
        if let own = connection?.body, !own.isEmpty {
            guard body == nil || body?.object != nil else {
                throw parameters.refusal(
                    "The field 'RequestBody' must be an object to be merged with the body parameters of the connection"
                )
            }
            var merged = body ?? [:]
            for (name, value) in own.sorted(by: { $0.key < $1.key }) { merged[name] = .string(value) }
            body = merged
        }
        guard let body else { return nil }
        guard isForm, let object = body.object else { return Array((body.string ?? body.text).utf8) }
        return Array(FormEncoding(arrayFormat: try arrayFormat(parameters)).text(of: object).utf8)
    }
}
