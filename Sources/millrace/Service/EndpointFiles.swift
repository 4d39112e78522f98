import DurableExecution
import Foundation
import HTTPAPI
import JSON
import Logging

/// Paths that the user has opened: a file `endpoints/NAME.json` in the home each, read whenever a path is asked for that the
/// service itself has not.
///
/// | Member | Type | Default |
/// | --- | --- | --- |
/// | `path` | the path, from its slash | required |
/// | `methods` | list of `GET`, `POST`, `PUT`, `PATCH`, `DELETE` | `["POST"]` |
/// | `stateMachine` | the name or ARN of an Express state machine | required |
/// | `allowOrigins` | list of origins whose web pages may ask, or `["*"]` | none |
///
/// The state machine gets the request as API Gateway gives it to what stands behind it (`httpMethod`, `path`,
/// `queryStringParameters`, `headers`, `body`), and its output is the answer: `statusCode`, `headers`, `body`, or any other
/// value, which is the body then.
struct EndpointFiles: Sendable {
    let directory: String
    let names: ResourceNames
    /// The operations of Step Functions.
    let table: OperationTable
    let logger: Logger

    private static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

    /// What is open at a path; `nil` when nothing is.
    func opened(_ path: String) -> OpenedPath? {
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
        for name in files where name.hasSuffix(".json") && !name.hasPrefix(".") {
            guard let content = FileManager.default.contents(atPath: "\(directory)/\(name)") else { continue }
            switch Self.read(Array(content)) {
            case .success(let endpoint) where endpoint.path == path: return opened(endpoint)
            case .success: continue
            case .failure(let invalid):
                let faults = invalid.faults.joined(separator: "; ")
                logger.warning(
                    "an endpoint cannot be opened",
                    metadata: ["file": "\(directory)/\(name)", "faults": "\(faults)"]
                )
            }
        }
        return nil
    }

    // MARK: Reading

    /// What a file says.
    struct Endpoint: Equatable {
        var path: String
        var methods: [String]
        var stateMachine: String
        var origins: [String]
    }

    /// Every fault of a file.
    struct Invalid: Error, Equatable {
        var faults: [String]
    }

    /// Reads the content of a file.
    static func read(_ content: [UInt8]) -> Result<Endpoint, Invalid> {
        guard let value = try? JSON(parsing: content), let object = value.object else {
            return .failure(Invalid(faults: ["it must be a JSON object"]))
        }
        var faults: [String] = []
        let known = ["path", "methods", "stateMachine", "allowOrigins"]
        for name in object.keys where !known.contains(name) {
            let meant = NearestName.find(name, among: known).map { ", did you mean \"\($0)\"?" } ?? ""
            faults.append("\"\(name)\" is not known\(meant)")
        }
        let path = value["path"]?.string ?? ""
        if !path.hasPrefix("/") || path == "/" || path.contains("?") || path.contains("#") {
            faults.append("path \"\(path)\" must begin with \"/\", such as \"/recommend\", and have no query")
        }
        let methods = value["methods"].map { ($0.array ?? [.null]).map(\.string) } ?? ["POST"]
        if methods.isEmpty || methods.contains(where: { $0.map { !Self.methods.contains($0) } ?? true }) {
            faults.append("methods must be a list of \(Self.methods.joined(separator: ", "))")
        }
        let machine = value["stateMachine"]?.string ?? ""
        if machine.isEmpty { faults.append("stateMachine must be the name or the ARN of an Express state machine") }
        let origins = value["allowOrigins"].map { ($0.array ?? [.null]).map(\.string) } ?? []
        if origins.contains(where: { $0?.isEmpty ?? true }) {
            faults.append("allowOrigins must be a list of origins, such as \"https://films.example\", or [\"*\"]")
        }
        guard faults.isEmpty else { return .failure(Invalid(faults: faults)) }
        return .success(
            Endpoint(
                path: path,
                methods: methods.compactMap(\.self),
                stateMachine: machine,
                origins: origins.compactMap(\.self)
            )
        )
    }

    // MARK: Answering

    private func opened(_ endpoint: Endpoint) -> OpenedPath {
        let arn =
            endpoint.stateMachine.hasPrefix("arn:") ? endpoint.stateMachine : names.stateMachine(endpoint.stateMachine)
        return OpenedPath(methods: endpoint.methods, origins: endpoint.origins) { exchange in
            let answer: JSON
            do {
                answer = try await table.call(
                    "StartSyncExecution",
                    ["stateMachineArn": .string(arn), "input": .string(Self.event(exchange).text)]
                )
            } catch let refusal as OperationRefusal {
                return Self.failure(refusal.error.code, refusal.error.message)
            }
            guard answer["status"] == "SUCCEEDED", let text = answer["output"]?.string,
                let output = try? JSON(parsing: text)
            else { return Self.failure(answer["error"]?.string ?? "States.Runtime", answer["cause"]?.string ?? "") }
            return Self.reply(output)
        }
    }

    /// The request as API Gateway gives it on.
    private static func event(_ exchange: HTTPExchange) -> JSON {
        var single = JSONObject()
        var multiple = JSONObject()
        for (name, value) in exchange.query {
            single[name] = .string(value)
            multiple[name] = .array((multiple[name]?.array ?? []) + [.string(value)])
        }
        var headers = JSONObject()
        for (name, value) in exchange.headers { headers[name] = .string(value) }
        let body = String(validating: exchange.body, as: UTF8.self)
        return [
            "resource": .string(exchange.path), "path": .string(exchange.path),
            "httpMethod": .string(exchange.method), "headers": .object(headers),
            "queryStringParameters": single.isEmpty ? .null : .object(single),
            "multiValueQueryStringParameters": multiple.isEmpty ? .null : .object(multiple),
            "pathParameters": .null,
            "requestContext": ["requestId": .string(exchange.requestID), "httpMethod": .string(exchange.method)],
            "body": exchange.body.isEmpty
                ? .null : .string(body ?? Data(exchange.body).base64EncodedString()),
            "isBase64Encoded": .bool(body == nil),
        ]
    }

    /// The answer that an output stands for.
    static func reply(_ output: JSON) -> HTTPReply {
        guard let status = output["statusCode"]?.int, (200...599).contains(status) else {
            return HTTPReply(contentType: "application/json", body: output.utf8)
        }
        var type = "application/json"
        var headers: [(name: String, value: String)] = []
        for (name, value) in output["headers"]?.object ?? [:] {
            let text = value.string ?? value.text
            switch name.lowercased() {
            case "content-type": type = text
            case "content-length", "connection", "transfer-encoding", "date": continue
            default:
                // A name that is none would end the header.
                guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }) else { continue }
                headers.append((name.lowercased(), text))
            }
        }
        let body = output["body"].map { $0.string.map { Array($0.utf8) } ?? ($0.isNull ? [] : $0.utf8) } ?? []
        return HTTPReply(status: status, contentType: type, headers: headers, body: body)
    }

    private static func failure(_ error: String, _ cause: String) -> HTTPReply {
        let body: JSON = ["message": "Internal server error", "error": .string(error), "cause": .string(cause)]
        return HTTPReply(status: 502, contentType: "application/json", body: body.utf8)
    }
}
