import JSON
public import JSONata

extension EvaluationOptions {
    /// Adds what Step Functions adds to JSONata: its functions, and hashes.
    public mutating func useStepFunctions() {
        library = .stepFunctions
        hash = { text, algorithm in
            IntrinsicStrings.hash(.string(text), algorithm: .string(algorithm))?.string
        }
    }
}
