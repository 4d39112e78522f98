public import JSON

/// A JSONPath to be tried out by itself, outside of a state machine.
public struct PathQuery: Sendable {
    /// Why a path cannot be read, or leads nowhere.
    public struct Fault: Error, Sendable, Equatable {
        /// The words of Step Functions.
        public let message: String
    }

    private let path: JSONPath

    /// Reads a path.
    ///
    /// - Parameter text: A path into the input (`$…`), the context object (`$$…`) or a variable (`$name…`).
    /// - Throws: `Fault` where it cannot be read.
    public init(_ text: String) throws(Fault) {
        do throws(PathError) {
            path = try JSONPathParser.parse(text)
        } catch {
            throw Fault(message: error.message)
        }
    }

    /// What the path finds: the value itself where it can name only one, an array of all finds otherwise.
    ///
    /// - Parameters:
    ///   - input: What `$` is.
    ///   - context: What `$$` is.
    ///   - variables: The variables, by name without the dollar sign.
    /// - Returns: The value or the finds.
    /// - Throws: `Fault` where a path to one value leads nowhere.
    public func evaluate(
        in input: JSON,
        context: JSON = .object(JSONObject()),
        variables: [String: JSON] = [:]
    ) throws(Fault) -> JSON {
        let root =
            switch path.root {
            case .input: input
            case .context: context
            case .variable(let name): variables[name]
            }
        guard let root else { throw Fault(message: "The variable of path \(path.text) is not bound") }
        do throws(PathError) {
            let surroundings = Surroundings(
                context: context,
                variables: VariableScope(JSONObject(variables.map { $0 }))
            )
            return try path.evaluate(in: root, surroundings)
        } catch {
            throw Fault(message: error.message)
        }
    }
}
