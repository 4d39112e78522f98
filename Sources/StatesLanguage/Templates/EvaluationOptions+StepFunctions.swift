public import JSONata

extension EvaluationOptions {
    /// Adds what Step Functions adds to JSONata: its functions, and hashes.
    public mutating func useStepFunctions() {
        library = .stepFunctions
        hash = { IntrinsicStrings.digest(of: $0, algorithm: $1) }
    }
}
