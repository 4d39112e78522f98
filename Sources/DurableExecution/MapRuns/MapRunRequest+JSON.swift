public import JSON
public import StatesLanguage

/// How what a Map Run was asked for is kept.
extension MapRunRequest {
    /// The request as a JSON value.
    public var json: JSON {
        var json: JSON = [
            "id": JSON(id), "arn": .string(arn), "stateName": .string(stateName), "label": .string(label),
            "isExpress": .bool(isExpress), "maxConcurrency": JSON(maxConcurrency), "scope": scope,
        ]
        if let toleratedFailureCount { json["toleratedFailureCount"] = JSON(toleratedFailureCount) }
        if let toleratedFailurePercentage { json["toleratedFailurePercentage"] = .double(toleratedFailurePercentage) }
        switch source {
        case .items(let items): json["items"] = items
        case .reader(let resource, let arguments, let config):
            json["reader"] = ["resource": .string(resource), "arguments": arguments, "config": .object(config)]
        }
        if let batch {
            var object: JSON = [:]
            if let maxItems = batch.maxItems { object["maxItems"] = JSON(maxItems) }
            if let maxInputBytes = batch.maxInputBytes { object["maxInputBytes"] = JSON(maxInputBytes) }
            if let input = batch.input { object["input"] = input }
            json["batch"] = object
        }
        if let writer {
            var object: JSON = ["arguments": writer.arguments, "config": .object(writer.config)]
            if let resource = writer.resource { object["resource"] = .string(resource) }
            json["writer"] = object
        }
        return json
    }

    /// Reads a request that was kept; `nil` when it is none.
    public init?(json: JSON) {
        guard let id = json["id"]?.int, let arn = json["arn"]?.string, let stateName = json["stateName"]?.string,
            let label = json["label"]?.string, let source = Source(json: json)
        else { return nil }
        self.init(
            id: id,
            arn: arn,
            stateName: stateName,
            label: label,
            isExpress: json["isExpress"]?.bool ?? false,
            maxConcurrency: json["maxConcurrency"]?.int ?? 0,
            toleratedFailureCount: json["toleratedFailureCount"]?.int,
            toleratedFailurePercentage: json["toleratedFailurePercentage"]?.double,
            source: source,
            batch: json["batch"].map(Batch.init(json:)),
            writer: json["writer"].map(Writer.init(json:)),
            scope: json["scope"] ?? .null
        )
    }
}

extension MapRunRequest.Source {
    fileprivate init?(json: JSON) {
        if let items = json["items"] {
            self = .items(items)
        } else if let reader = json["reader"], let resource = reader["resource"]?.string {
            let config = reader["config"]?.object ?? [:]
            self = .reader(resource: resource, arguments: reader["arguments"] ?? .null, config: config)
        } else {
            return nil
        }
    }
}

extension MapRunRequest.Batch {
    fileprivate init(json: JSON) {
        self.init(
            maxItems: json["maxItems"]?.int,
            maxInputBytes: json["maxInputBytes"]?.int,
            input: json["input"]
        )
    }
}

extension MapRunRequest.Writer {
    fileprivate init(json: JSON) {
        self.init(
            resource: json["resource"]?.string,
            arguments: json["arguments"] ?? .null,
            config: json["config"]?.object ?? [:]
        )
    }
}
