import JSON

@testable import StatesLanguage

extension MapRunRequest {
    /// What conformance cases tell of a Map Run.
    var expectation: JSON {
        var object: JSONObject = ["state": .string(stateName), "concurrency": JSON(maxConcurrency)]
        if isExpress { object["express"] = true }
        object["count"] = toleratedFailureCount.map { JSON($0) }
        object["percentage"] = toleratedFailurePercentage.map { JSON($0) }
        switch source {
        case .items(let items): object["items"] = items
        case .reader(let resource, let arguments, let config):
            object["reader"] = ["resource": .string(resource), "arguments": arguments, "config": .object(config)]
        }
        object["batch"] = batch?.expectation
        object["writer"] = writer?.expectation
        return .object(object)
    }
}

extension MapRunRequest.Batch {
    fileprivate var expectation: JSON {
        var object = JSONObject()
        object["items"] = maxItems.map { JSON($0) }
        object["bytes"] = maxInputBytes.map { JSON($0) }
        object["input"] = input
        return .object(object)
    }
}

extension MapRunRequest.Writer {
    fileprivate var expectation: JSON {
        var object: JSONObject = ["arguments": arguments, "config": .object(config)]
        object["resource"] = resource.map(JSON.string)
        return .object(object)
    }
}

extension TaskRequest {
    /// What conformance cases tell of a task.
    var expectation: JSON {
        var object: JSONObject = ["state": .string(stateName), "input": parameters]
        object["timeout"] = timeoutSeconds.map { JSON($0) }
        object["heartbeat"] = heartbeatSeconds.map { JSON($0) }
        return .object(object)
    }
}
