import ArgumentParser
import Foundation
import JSON
import JSONata
import StatesLanguage

/// The command `millrace eval`.
struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try out a JSONata expression or a JSONPath.",
        discussion: """
            The value is printed as JSON; an error with its code, its place and a mark under it. Nothing is sent \
            anywhere; no service need run.

              echo '{"orders": [{"id": 1, "total": 120}]}' | millrace eval 'orders[total > 100].id' --input -
              millrace eval '$states.input.name & "!"' --bindings '{"states": {"input": {"name": "Ann"}}}'
              millrace eval '$partition([1..5], 2)' --step-functions
              millrace eval --jsonpath '$.orders[?(@.total > 100)].id' --input orders.json

            Where an expression gives nothing, nothing is printed, and a note goes to standard error.

            With --batch, lines {"id", "expr", "data", "bindings"} are read from standard input or a file, and for each \
            a line {"id", "result"}, {"id", "undefined": true} or {"id", "code", "message"} is written at once, with \
            "position" and "token" where they are known. A line without "data" has no input. A bad line, or an \
            expression without end, costs its own line only.
            """
    )

    @Argument(help: "The expression; with --batch, the file of lines, standard input if left out.")
    var expression: String?
    @Option(help: ArgumentHelp("The input: a file of JSON, or - for standard input.", valueName: "file"))
    var input: String?
    @Option(help: ArgumentHelp("The variables: a file with an object, or the object itself.", valueName: "file|json"))
    var bindings: String?
    @Flag(help: "Take the expression for a JSONPath; $$ is the binding named \"$\".")
    var jsonpath = false
    @Flag(help: "Offer what state machines have: $partition, $range, $hash, $random(seed), $uuid, $parse; no $eval.")
    var stepFunctions = false
    @Flag(help: "Read many expressions, a line each.")
    var batch = false
    @Option(help: "How many seconds an expression may take.")
    var timeout = 5.0

    mutating func validate() throws {
        guard !batch else { return }
        guard expression != nil else { throw ValidationError("Give an expression, or --batch.") }
    }

    func run() throws {
        guard !batch else {
            return try EvaluationBatch(timeout: timeout, usesStepFunctions: stepFunctions).run(expression)
        }
        guard let expression else { return }
        do {
            let input = try self.input.map { try InputFile.json(at: $0) }
            let variables = try self.variables
            jsonpath ? try find(expression, input, variables) : try evaluate(expression, input, variables)
        } catch let error as CommandError {
            Terminal.warn("\(Style.red("error:")) \(error.message)")
            throw error.exit
        }
    }

    private func evaluate(_ source: String, _ input: JSON?, _ variables: JSONObject) throws {
        let sandbox = Sandbox(timeout: timeout, usesStepFunctions: stepFunctions)
        do throws(JSONataError) {
            switch try sandbox.result(of: JSONata.Expression(source), input, variables) {
            case .value(let json): Terminal.print(json.prettyText)
            case .undefined: Terminal.warn(Style.dim("the expression gives nothing (undefined)"))
            case .function(let rest):
                if let rest { Terminal.print(rest.prettyText) }
                Terminal.warn(Style.dim("the expression gives a function, which JSON cannot say"))
            }
        } catch {
            ErrorMark(error, in: source).print()
            throw MillraceExit.failure
        }
    }

    private func find(_ path: String, _ input: JSON?, _ variables: JSONObject) throws {
        do throws(PathQuery.Fault) {
            let named = Dictionary(variables.map { ($0.key, $0.value) }) { $1 }
            let context = variables["$"] ?? .object(JSONObject())
            let found = try PathQuery(path).evaluate(in: input ?? .null, context: context, variables: named)
            Terminal.print(found.prettyText)
        } catch {
            throw CommandError(message: error.message)
        }
    }

    private var variables: JSONObject {
        get throws {
            guard let bindings else { return JSONObject() }
            let value = try InputFile.jsonOrText(bindings)
            guard let object = value.object else {
                throw CommandError(
                    message: "--bindings must be an object of JSON, it is of type \(value.typeName)",
                    exit: MillraceExit.invalidData
                )
            }
            return object
        }
    }
}

/// What an expression that is tried out may use.
struct Sandbox {
    private var options = EvaluationOptions()
    private let timeout: Double

    init(timeout: Double, usesStepFunctions: Bool) {
        self.timeout = timeout
        if usesStepFunctions { options.useStepFunctions() }
        options.random = { Double.random(in: 0..<1) }
        options.uuid = { UUID().uuidString.lowercased() }
        // The clock ends most before the steps do; those hold down what is built in the time.
        options.maximumSteps = 20_000_000
    }

    func result(
        of expression: JSONata.Expression,
        _ input: JSON?,
        _ variables: JSONObject
    ) throws(JSONataError) -> EvaluationResult {
        var options = options
        options.now = Date()
        let deadline = ContinuousClock.now + .seconds(timeout)
        options.isOutOfTime = { ContinuousClock.now > deadline }
        var bindings: [String: Binding] = [:]
        for (name, value) in variables { bindings[name] = Binding(value) }
        return try expression.result(on: input, bindings: bindings, options: options)
    }
}

/// An error of an expression as people read it.
private struct ErrorMark {
    private let error: JSONataError
    private let source: String

    init(_ error: JSONataError, in source: String) {
        self.error = error
        self.source = source
    }

    func print() {
        Terminal.warn("\(Style.red(error.code)) at character \(column): \(error.message)")
        guard let (line, offset) = place else { return }
        Terminal.warn("  \(line)")
        Terminal.warn("  \(String(repeating: " ", count: offset))\(Style.red("^"))")
    }

    /// The character in which the token ends, from 1.
    private var column: Int { max(error.position, 1) }

    /// The line with the place, and how many characters of it stand before the place.
    private var place: (line: String, offset: Int)? {
        let units = Array(source.utf16)
        guard !units.isEmpty else { return nil }
        let index = min(column - 1, units.count)
        let start = units[..<index].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let end = units[start...].firstIndex(of: 0x0A) ?? units.count
        let before = String(decoding: units[start..<index], as: UTF16.self)
        return (String(decoding: units[start..<end], as: UTF16.self), before.count)
    }
}
