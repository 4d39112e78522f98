public import JSON
internal import Shapes

extension PersonalizeService {
    /// Records what users do; the next recommendation knows of it.
    ///
    /// - Parameter input: The request `PutEvents`.
    /// - Returns: An empty answer, once the events are on disk; those whose `eventId` has come before are left out.
    /// - Throws: `PersonalizeError` with `InvalidInputException` and all that is wrong with the request.
    public func putEvents(_ input: JSON) async throws(PersonalizeError) -> JSON {
        try Shape.putEvents.validate(input)
        let target = try await target(.interactions, tracking: try input.required("trackingId"))
        let session = try input.required("sessionId")
        let user = input["userId"]?.string ?? session
        var reader = RecordReader(target.schema)
        let records = (input["eventList"]?.array ?? []).enumerated().map { index, event in
            LiveRecord(
                id: event["eventId"]?.string,
                session: session,
                source: event["metricAttribution"]?["eventAttributionSource"]?.string,
                recommendation: event["recommendationId"]?.string,
                fields: reader.event(event, user: user, at: "eventList.\(index + 1).member")
            )
        }
        let answer = try await put(records, reader, target)
        try await attribute(records, to: target.datasetArn)
        return answer
    }

    /// Adds items to a dataset, or replaces those it has.
    ///
    /// - Parameter input: The request `PutItems`.
    /// - Returns: An empty answer, once the items are on disk.
    /// - Throws: `PersonalizeError` with `InvalidInputException`, `ResourceNotFoundException` or
    ///   `ResourceInUseException`.
    public func putItems(_ input: JSON) async throws(PersonalizeError) -> JSON {
        try Shape.putItems.validate(input)
        return try await putEntities(input, .items, list: "items", id: "itemId")
    }

    /// Adds users to a dataset, or replaces those it has.
    ///
    /// - Parameter input: The request `PutUsers`.
    /// - Returns: An empty answer, once the users are on disk.
    /// - Throws: `PersonalizeError` with `InvalidInputException`, `ResourceNotFoundException` or
    ///   `ResourceInUseException`.
    public func putUsers(_ input: JSON) async throws(PersonalizeError) -> JSON {
        try Shape.putUsers.validate(input)
        return try await putEntities(input, .users, list: "users", id: "userId")
    }

    /// Adds actions to a dataset, or replaces those it has.
    ///
    /// - Parameter input: The request `PutActions`.
    /// - Returns: An empty answer, once the actions are on disk.
    /// - Throws: `PersonalizeError` with `InvalidInputException`, `ResourceNotFoundException` or
    ///   `ResourceInUseException`.
    public func putActions(_ input: JSON) async throws(PersonalizeError) -> JSON {
        try Shape.putActions.validate(input)
        return try await putEntities(input, .actions, list: "actions", id: "actionId")
    }

    /// Records what users do with actions.
    ///
    /// - Parameter input: The request `PutActionInteractions`.
    /// - Returns: An empty answer, once they are on disk; those whose `eventId` has come before are left out.
    /// - Throws: `PersonalizeError` with `InvalidInputException` and all that is wrong with the request.
    public func putActionInteractions(_ input: JSON) async throws(PersonalizeError) -> JSON {
        try Shape.putActionInteractions.validate(input)
        let target = try await target(.actionInteractions, tracking: try input.required("trackingId"))
        var reader = RecordReader(target.schema)
        let records = (input["actionInteractions"]?.array ?? []).enumerated().map { index, interaction in
            let session = interaction["sessionId"]?.string ?? ""
            let user = interaction["userId"]?.string ?? session
            let place = "actionInteractions.\(index + 1).member"
            return LiveRecord(
                id: interaction["eventId"]?.string,
                session: session,
                fields: reader.actionInteraction(interaction, user: user, at: place)
            )
        }
        return try await put(records, reader, target)
    }

    private func putEntities(
        _ input: JSON,
        _ type: DatasetType,
        list: String,
        id: String
    ) async throws(PersonalizeError) -> JSON {
        let target = try await target(type, try input.required("datasetArn"))
        var reader = RecordReader(target.schema)
        let records = (input[list]?.array ?? []).enumerated().map { index, record in
            LiveRecord(fields: reader.entity(record, id: id, at: "\(list).\(index + 1).member"))
        }
        return try await put(records, reader, target)
    }

    /// Saves records and lets campaigns see them.
    private func put(
        _ records: [LiveRecord],
        _ reader: RecordReader,
        _ target: PutTarget
    ) async throws(PersonalizeError) -> JSON {
        guard reader.faults.isEmpty else {
            throw PersonalizeError(.invalidInput, reader.faults.joined(separator: "; "))
        }
        let batch: LiveBatch
        do {
            batch = try await store.append(LiveBatch(datasetArn: target.datasetArn, records: records))
        } catch let conflict as PersonalizeConflict {
            throw PersonalizeError(conflict)
        } catch {
            throw internalFailure(error)
        }
        guard !batch.records.isEmpty else { return [:] }
        counters.noteRecords(batch.records.count, of: target.schema.datasetType)
        let count = live.add(batch, target.schema)
        let limit =
            target.schema.datasetType.keyColumn == nil
            ? configuration.maximumLiveEvents : configuration.maximumLiveRecords
        if count.now / limit > count.before / limit { work.add(target.datasetArn, to: .seals) }
        return [:]
    }
}
