public import JSON

extension Message {
    /// The message that a request to publish asks for, checked by the rules of SNS and refused in its words.
    ///
    /// - Parameters:
    ///   - text: The text, or with the structure `json` a text for each protocol.
    ///   - subject: The subject of a mail.
    ///   - structure: `json`, or nothing.
    ///   - attributes: By name, each with `DataType` and `StringValue` or `BinaryValue`.
    /// - Throws: `NotificationError` with `invalidParameter`.
    public init(
        publishing text: String,
        subject: String?,
        structure: String?,
        attributes: JSONObject
    ) throws(NotificationError) {
        guard !text.isEmpty else { throw .refused("Empty message") }
        if let subject, !Self.isSubject(subject) { throw .refused("Subject") }
        self.init(subject: subject, body: text)
        self.attributes = try Self.attributes(attributes)
        switch structure {
        case nil, "": break
        case "json": bodies = try Self.bodies(text)
        case let structure?: throw .refused("MessageStructure \"\(structure)\" Reason: it must be \"json\" or absent")
        }
        body = bodies["default"] ?? text
    }

    private static func isSubject(_ text: String) -> Bool {
        (1...100).contains(text.unicodeScalars.count)
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    /// A text a protocol: `{"default": "…", "email": "…", "http": "…"}`.
    private static func bodies(_ text: String) throws(NotificationError) -> [String: String] {
        let structure = "Message Structure - "
        guard let json = try? JSON(parsing: text), let object = json.object else {
            throw .refused("\(structure)JSON message body failed to parse")
        }
        guard object["default"]?.string != nil else {
            throw .refused("\(structure)No default entry in JSON message body")
        }
        var bodies: [String: String] = [:]
        for (name, body) in object { bodies[name] = body.string }
        return bodies
    }

    private static func attributes(_ object: JSONObject) throws(NotificationError) -> [String: String] {
        var attributes: [String: String] = [:]
        for (name, attribute) in object {
            guard let type = attribute["DataType"]?.string, !type.isEmpty else {
                throw .refused("The message attribute '\(name)' must contain non-empty message attribute type.")
            }
            let kind = type.prefix { $0 != "." }
            guard ["String", "Number", "Binary"].contains(kind) else {
                throw .refused(
                    "The message attribute '\(name)' has an invalid message attribute type, the set of supported type "
                        + "prefixes is Binary, Number, and String."
                )
            }
            let value = attribute[kind == "Binary" ? "BinaryValue" : "StringValue"]
            guard let text = value?.string ?? value?.text, !text.isEmpty else {
                throw .refused("The message attribute '\(name)' must contain non-empty message attribute value.")
            }
            guard kind != "Number" || Double(text)?.isFinite == true else {
                throw .refused("Could not cast message attribute '\(name)' value to number.")
            }
            attributes[name] = text
        }
        return attributes
    }
}

extension Topic {
    /// The topic that a request to publish names.
    ///
    /// - Parameters:
    ///   - arn: `TopicArn` or `TargetArn`.
    ///   - phoneNumber: `PhoneNumber`, to which nothing is sent from here.
    /// - Returns: The ARN, which need not be one of a topic that exists.
    /// - Throws: `NotificationError` with `invalidParameter`.
    public static func target(arn: String?, phoneNumber: String?) throws(NotificationError) -> String {
        guard phoneNumber == nil else {
            throw .refused("PhoneNumber Reason: text messages are not sent from here; publish to a topic")
        }
        guard let arn else { throw .refused("TopicArn or TargetArn Reason: no value for required parameter") }
        let count = arn.split(separator: ":", omittingEmptySubsequences: false).count
        guard count >= 6 else {
            throw .refused("TopicArn Reason: An ARN must have at least 6 elements, not \(count)")
        }
        guard !arn.hasSuffix(".fifo") else {
            throw .refused("TopicArn Reason: topics here are standard topics; leave out \".fifo\"")
        }
        return arn
    }
}

extension NotificationError {
    /// A refusal in the words of SNS.
    public static func refused(_ fault: String) -> NotificationError {
        NotificationError(.invalidParameter, "Invalid parameter: \(fault)")
    }
}
