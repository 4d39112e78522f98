internal import FoundationEssentials
internal import JSON

/// The two spellings of one request: the wire's `datasetGroupArn`, and `DatasetGroupArn` of AWS SDK tasks.
enum SDKCase {
    /// Members whose own keys are the user's (parameters, metrics, columns) and stay as they are.
    private static let opaque: Set<String> = [
        "algorithmhyperparameters", "featuretransformationparameters", "itemexplorationconfig", "metrics",
        "rankinginfluence", "excludeddatasetcolumns", "includeddatasetcolumns", "filtervalues", "context",
        "tunedhyperparameters", "defaulthyperparameters",
    ]

    /// A request or answer of the wire, spelled as AWS SDK tasks spell it; times become ISO 8601 text.
    static func sdk(fromWire value: JSON) -> JSON {
        mapped(value) { key in
            key.prefix(1).uppercased() + key.dropFirst()
        } leaf: { key, value in
            guard key.hasSuffix("DateTime"), let seconds = value.double else { return value }
            return .string(Date(timeIntervalSince1970: seconds).formatted(.iso8601))
        }
    }

    /// A request of an AWS SDK task, spelled as the wire spells it.
    static func wire(fromSDK value: JSON) -> JSON {
        mapped(value) { key in
            key.prefix(1).lowercased() + key.dropFirst()
        } leaf: { _, value in
            value
        }
    }

    private static func mapped(
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
