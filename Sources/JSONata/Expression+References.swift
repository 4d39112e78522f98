extension Expression {
    /// The places where variables are read that come from outside, in their order; functions of the library left out.
    ///
    /// - Parameter library: The functions that the expression finds without being given them.
    /// - Returns: The places.
    public func variableReferences(
        library: EvaluationOptions.Library = .standard
    ) -> [VariableReference] {
        references.filter { Builtin.named($0.name, in: library) == nil }
    }

    /// The names of the variables that come from outside, each once, in the order of their first places.
    ///
    /// - Parameter library: The functions that the expression finds without being given them.
    /// - Returns: The names, without the dollar sign.
    public func freeVariables(library: EvaluationOptions.Library = .standard) -> [String] {
        var seen: Set<String> = []
        return variableReferences(library: library).map(\.name).filter { seen.insert($0).inserted }
    }
}
