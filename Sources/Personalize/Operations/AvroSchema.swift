internal import JSON

/// The checks of schemas that the operations make.
enum AvroSchema {
    /// Refuses a text that is no schema, with every fault.
    static func check(_ text: String, domain: String?) throws(PersonalizeError) {
        _ = try parse(text, domain: domain)
    }

    /// Refuses a schema that is for another type of dataset.
    static func check(_ schema: Resource, describes type: DatasetType) throws(PersonalizeError) {
        let parsed = try parse(try schema.body.required("schema"), domain: schema.body["domain"]?.string)
        guard parsed.datasetType == type else {
            throw PersonalizeError(
                .invalidInput,
                "Schema \"\(schema.arn)\" is for \(parsed.datasetType.rawValue), not for \(type.rawValue)"
            )
        }
    }

    /// Refuses a schema of another domain than a group's, or of one where the group has none.
    static func check(_ schema: Resource, isOfDomainOf group: Resource) throws(PersonalizeError) {
        let (wanted, found) = (group.body["domain"]?.string, schema.body["domain"]?.string)
        guard wanted != found else { return }
        throw PersonalizeError(
            .invalidInput,
            "Schema \"\(schema.arn)\" has \(found.map { "domain \($0)" } ?? "no domain"), but dataset group "
                + "\"\(group.arn)\" has \(wanted ?? "none"); give CreateSchema the same domain"
        )
    }

    /// The schema a text holds.
    static func parse(_ text: String, domain: String?) throws(PersonalizeError) -> Schema {
        do {
            return try Schema(parsing: text, domain: domain.flatMap(Domain.init))
        } catch {
            throw PersonalizeError(.invalidInput, "Input schema is invalid: \(error)")
        }
    }
}

extension DatasetType {
    /// The word in the ARN and in answers: `INTERACTIONS`.
    var word: String { rawValue.uppercased() }

    /// The type of a name in a request.
    static func named(_ name: String) throws(PersonalizeError) -> DatasetType {
        guard let type = DatasetType(named: name) else {
            let types = allCases.map(\.rawValue).joined(separator: ", ")
            throw PersonalizeError(.invalidInput, "datasetType \"\(name)\" is unknown; it is one of \(types)")
        }
        return type
    }
}
