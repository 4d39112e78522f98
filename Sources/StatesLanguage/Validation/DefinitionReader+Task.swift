import JSON

extension DefinitionReader {
    mutating func task(_ fields: Fields) -> TaskState? {
        checkRequired(["Resource"], in: fields)
        let arguments = template(fields.language == .jsonPath ? "Parameters" : "Arguments", in: fields)
        let credentials = template("Credentials", in: fields)
        let timeout = limit("TimeoutSeconds", in: fields, in: 1...99_999_999)
        let heartbeat = limit("HeartbeatSeconds", in: fields, in: 1...99_999_999)
        if case .value(let timeout) = timeout, case .value(let heartbeat) = heartbeat, heartbeat >= timeout {
            report(fields.place("HeartbeatSeconds"), "HeartbeatSeconds must be smaller than TimeoutSeconds")
        }
        let result = result(fields)
        let handling = errorHandling(fields)
        guard let text = string("Resource", in: fields) else { return nil }
        guard let resource = TaskResource(text) else {
            report(fields.place("Resource"), "Value is not a valid resource ARN")
            return nil
        }
        checkCredentials(of: resource, in: fields)
        checkType(resource, at: fields.place("Resource"))
        return TaskState(
            resource: resource,
            arguments: arguments,
            result: result,
            handling: handling,
            timeout: timeout,
            heartbeat: heartbeat,
            credentials: credentials
        )
    }

    private mutating func checkCredentials(of resource: TaskResource, in fields: Fields) {
        guard let value = fields.object["Credentials"] else { return }
        let place = fields.place("Credentials")
        if resource.kind == .activity {
            report(place, "The field 'Credentials' is not supported for activities")
        }
        if fields.language == .jsonata, value.string?.hasPrefix("{%") == true { return }
        guard let object = object("Credentials", in: fields) else { return }
        if object["RoleArn"] == nil, fields.language == .jsonata || object["RoleArn.$"] == nil {
            report(place, "The field 'RoleArn' is required but was missing")
        }
    }

    /// Reports what an Express execution cannot wait for.
    private mutating func checkType(_ resource: TaskResource, at place: String) {
        guard type == .express else { return }
        switch resource.kind {
        case .activity: report(place, "Express state machine does not support Activity ARN")
        case .service(_, _, .sync): report(place, "Express state machine does not support '.sync' service integration")
        case .service(_, _, .waitForTaskToken):
            // The space at the end is AWS's.
            report(place, "Express state machine does not support '.waitForTaskToken' service integration ")
        case .lambda, .service(_, _, .requestResponse): break
        }
    }
}
