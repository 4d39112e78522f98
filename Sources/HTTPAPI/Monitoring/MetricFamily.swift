/// A metric in all its labels, as Prometheus reads it.
///
/// ```
/// # HELP millrace_tasks Tasks that have not ended, by status.
/// # TYPE millrace_tasks gauge
/// millrace_tasks{status="OFFERED"} 3
/// ```
public struct MetricFamily: Sendable {
    /// How the values are to be read.
    public enum Kind: String, Sendable {
        /// Only grows, from zero at the start of the process.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts within bounds, with a sum.
        case histogram
    }

    /// One value.
    public struct Sample: Sendable {
        /// What follows the name of the family: `_bucket`, `_sum` or `_count` of a histogram, else nothing.
        let suffix: String
        /// Names and values, in the order they are written.
        let labels: [(name: String, value: String)]
        /// The value; not a number where there is none.
        let value: Double

        /// A value.
        public init(_ value: Double, _ labels: (name: String, value: String)..., suffix: String = "") {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    /// The name; a counter's ends with `_total`.
    public let name: String
    /// What it tells, in a sentence.
    public let help: String
    /// How the values are to be read.
    public let kind: Kind
    /// The values.
    public var samples: [Sample]

    /// A metric with its values.
    public init(_ kind: Kind, _ name: String, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.samples = samples
    }

    /// A metric with one value.
    public init(_ kind: Kind, _ name: String, _ help: String, _ value: Double) {
        self.init(kind, name, help, [Sample(value)])
    }

    /// A metric with a label, a value for each of a dictionary's keys.
    public init(_ kind: Kind, _ name: String, _ help: String, by label: String, _ values: [String: Int]) {
        let samples = values.sorted { $0.key < $1.key }.map { Sample(Double($0.value), (label, $0.key)) }
        self.init(kind, name, help, samples)
    }

    /// Metrics in the text format of Prometheus, version 0.0.4; those without a value are left out.
    static func text(of families: [MetricFamily]) -> String {
        var text = ""
        for family in families where !family.samples.isEmpty { family.write(to: &text) }
        return text
    }

    private func write(to text: inout String) {
        text += "# HELP \(name) \(help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n"))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            text += name + sample.suffix
            if !sample.labels.isEmpty {
                text +=
                    "{" + sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
            }
            text += " \(Self.written(sample.value))\n"
        }
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func written(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int(exactly: value).map(String.init) ?? "\(value)"
    }
}
