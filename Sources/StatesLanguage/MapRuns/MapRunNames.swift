/// The names within a Map Run's ARN, `arn:aws:states:REGION:ACCOUNT:mapRun:MACHINE/LABEL:UUID`, and those of its
/// children.
public struct MapRunNames: Sendable {
    private let arn: String
    private let parts: [Substring]

    /// The names of a run.
    ///
    /// - Parameter arn: Its ARN.
    public init(_ arn: String) {
        self.arn = arn
        parts = arn.split(separator: ":", omittingEmptySubsequences: false)
    }

    /// `MACHINE/LABEL`, the name of the machine that the children run.
    public var machine: String { parts.count == 8 ? String(parts[6]) : arn }

    /// The part of the ARN that is unique to the run.
    public var uniqueID: String { parts.last.map(String.init) ?? arn }

    /// The name of a child: an id made of the run's own and the child's number, so that the children of a run lie
    /// together in a database in their order.
    ///
    /// - Parameter index: The child's number, from 0.
    /// - Returns: The name.
    public func child(_ index: Int) -> String {
        let digits = String(index, radix: 16)
        let number = String(repeating: "0", count: max(0, 12 - digits.count)) + digits
        return "\(uniqueID.prefix(24))\(number)"
    }

    /// An ARN in the namespace of the run: that of a child, or of the machine that the children run.
    ///
    /// - Parameters:
    ///   - kind: `execution` or `stateMachine`.
    ///   - name: The child's name; a machine has none beside `MACHINE/LABEL`.
    /// - Returns: `arn:aws:states:REGION:ACCOUNT:KIND:MACHINE/LABEL`, and `:NAME` with a name.
    public func arn(of kind: String, name: String?) -> String {
        guard parts.count == 8 else { return arn }
        let namespace = parts[..<5].map(String.init) + [kind, String(parts[6])]
        return (namespace + [name].compactMap(\.self)).joined(separator: ":")
    }
}
