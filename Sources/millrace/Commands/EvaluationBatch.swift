import Foundation
import JSON
import JSONata

/// Evaluates an expression a line, and answers a line each.
struct EvaluationBatch {
    private let sandbox: Sandbox

    init(timeout: Double, usesStepFunctions: Bool) {
        sandbox = Sandbox(timeout: timeout, usesStepFunctions: usesStepFunctions)
    }

    /// Reads lines from a file, or from standard input.
    func run(_ file: String?) throws {
        if let file, file != "-" { try read(file) }
        var expressions: [String: JSONata.Expression] = [:]
        while let line = readLine() {
            guard line.utf8.contains(where: { $0 > 0x20 }) else { continue }
            Terminal.write(answer(to: line, &expressions).text + "\n")
            // Batches say the same again and again, but not without end.
            if expressions.count > 10_000 { expressions.removeAll() }
        }
    }

    /// Puts a file in place of standard input.
    private func read(_ file: String) throws {
        let descriptor = unsafe open(file, O_RDONLY)
        guard descriptor >= 0, dup2(descriptor, STDIN_FILENO) >= 0 else {
            Terminal.warn("\(Style.red("error:")) the file \"\(file)\" cannot be read; does it exist?")
            throw MillraceExit.invalidData
        }
        close(descriptor)
    }

    private func answer(to line: String, _ expressions: inout [String: JSONata.Expression]) -> JSON {
        let request: JSON
        do {
            request = try JSON(parsing: line)
        } catch {
            return Self.fault("null", "the line is not valid JSON: \(error)", id: nil)
        }
        guard let source = request["expr"]?.string else {
            return Self.fault("expr", "the line has no text \"expr\"", id: request["id"])
        }
        let bindings = request["bindings"] ?? .null
        guard bindings.object != nil || bindings.isNull else {
            return Self.fault("bindings", "\"bindings\" must be an object", id: request["id"])
        }
        return answer(to: request, source, &expressions)
    }

    private func answer(to request: JSON, _ source: String, _ expressions: inout [String: JSONata.Expression]) -> JSON {
        var answer: JSON = ["id": request["id"] ?? .null]
        do throws(JSONataError) {
            let expression = if let known = expressions[source] { known } else { try JSONata.Expression(source) }
            expressions[source] = expression
            let variables = request["bindings"]?.object ?? JSONObject()
            switch try sandbox.result(of: expression, request["data"], variables) {
            case .value(let json), .function(let json?): answer["result"] = json
            case .undefined, .function(nil): answer["undefined"] = true
            }
        } catch {
            answer["code"] = .string(error.code)
            answer["message"] = .string(error.message)
            answer["position"] = JSON(error.position)
            if let token = error.token { answer["token"] = .string(token) }
        }
        return answer
    }

    /// An answer to a line that says nothing to evaluate.
    private static func fault(_ token: String, _ message: String, id: JSON?) -> JSON {
        ["id": id ?? .null, "code": "X0002", "message": .string(message), "token": .string(token)]
    }
}
