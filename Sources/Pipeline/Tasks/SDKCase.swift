internal import FoundationEssentials
internal import JSON

/// The two spellings of one request: the wire's `datasetGroupArn`, and `DatasetGroupArn` of AWS SDK tasks.
struct SDKCase: Sendable {
    /// Members whose value is the user's own (parameters, metrics, columns) and stays as it is; in small letters.
    let opaque: Set<String>
    /// Whether a member is a time.
    let isTime: @Sendable (String) -> Bool

    /// Personalize's.
    static let personalize = SDKCase(
        opaque: [
            "algorithmhyperparameters", "featuretransformationparameters", "itemexplorationconfig", "metrics",
            "rankinginfluence", "excludeddatasetcolumns", "includeddatasetcolumns", "filtervalues", "context",
            "tunedhyperparameters", "defaulthyperparameters", "metadata",
        ],
        isTime: { $0.hasSuffix("DateTime") }
    )
    /// Step Functions' own.
    static let stepFunctions = SDKCase(
        opaque: ["input", "output", "definition", "context", "variables", "variablereferences", "assignedvariables"],
        isTime: { $0.hasSuffix("Date") || $0 == "Timestamp" }
    )

    /// A request or answer of the wire, spelled as AWS SDK tasks spell it; times become ISO 8601 text.
    func sdk(fromWire value: JSON) -> JSON {
        mapped(value) { key in
            key.prefix(1).uppercased() + key.dropFirst()
        } leaf: { key, value in
            guard isTime(key), let seconds = value.double else { return value }
            return .string(Self.text(of: Date(timeIntervalSince1970: seconds)))
        }
    }

    /// As the SDK writes an instant: with milliseconds where there are some.
    private static func text(of date: Date) -> String {
        let milliseconds = Int((date.timeIntervalSince1970 * 1000).rounded())
        let moment = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        return milliseconds % 1000 == 0
            ? moment.formatted(.iso8601) : moment.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// A request of an AWS SDK task, spelled as the wire spells it.
    func wire(fromSDK value: JSON) -> JSON {
        mapped(value) { key in
            key.prefix(1).lowercased() + key.dropFirst()
        } leaf: { _, value in
            value
        }
    }

    private func mapped(
        _ value: JSON,
        rename: (String) -> String,
        leaf: (String, JSON) -> JSON
    ) -> JSON {
        switch value {
        case .array(let values): .array(values.map { mapped($0, rename: rename, leaf: leaf) })
        case .object(let object):
            .object(
                JSONObject(
                    object.map { key, value in
                        let isOpaque = opaque.contains(key.lowercased())
                        let value = isOpaque ? value : mapped(value, rename: rename, leaf: leaf)
                        return (rename(key), leaf(key, value))
                    }
                )
            )
        default: value
        }
    }
}
