internal import FoundationEssentials
public import JSON

extension EventBus {
    /// `PutEvents`: takes what can be taken, and says of each entry what became of it.
    ///
    /// - Parameters:
    ///   - input: `Entries`, 1 to 10 of them.
    ///   - key: What makes the call the same when it is made again; `nil` for a call of its own.
    ///   - resources: What is added to the resources of each entry.
    /// - Returns: `FailedEntryCount` and `Entries`, with an `EventId` or an `ErrorCode` and an `ErrorMessage` each.
    /// - Throws: `NotificationError` with `validation`, or the store's error.
    @discardableResult
    public func putEvents(
        _ input: JSON,
        key: String? = nil,
        resources: [String] = []
    ) async throws -> JSON {
        guard let entries = input["Entries"]?.array else {
            throw NotificationError.constraint(nil, "entries", "Member must not be null")
        }
        guard (1...10).contains(entries.count) else {
            let bound = entries.isEmpty ? "greater than or equal to 1" : "less than or equal to 10"
            throw NotificationError.constraint(
                input["Entries"]?.text ?? "",
                "entries",
                "Member must have length \(bound)"
            )
        }
        guard entries.reduce(0, { $0 + $1.utf8.count }) <= 262_144 else {
            throw NotificationError(.validation, "Total size of the entries in the request is over the limit.")
        }
        let results = entries.enumerated().map { index, entry in
            event(entry, id: eventID(for: key.map { "\($0)#\(index)" }), resources)
        }
        try await take(results.compactMap { try? $0.get() })
        return [
            "FailedEntryCount": JSON(results.count { if case .failure = $0 { true } else { false } }),
            "Entries": .array(
                results.map { result in
                    switch result {
                    case .success(let event): ["EventId": .string(event.id)]
                    case .failure(let fault):
                        ["ErrorCode": .string(fault.code), "ErrorMessage": .string(fault.message)]
                    }
                }
            ),
        ]
    }

    private struct EntryFault: Error {
        let code: String
        let message: String

        static func missing(_ name: String) -> EntryFault {
            EntryFault(
                code: "InvalidArgument",
                message: "Parameter \(name) is not valid. Reason: \(name) is a required argument."
            )
        }
    }

    private func event(_ entry: JSON, id: String, _ resources: [String]) -> Result<Event, EntryFault> {
        guard let source = entry["Source"]?.string, !source.isEmpty else { return .failure(.missing("Source")) }
        guard let type = entry["DetailType"]?.string, !type.isEmpty else { return .failure(.missing("DetailType")) }
        guard let detail = entry["Detail"], detail != .null else { return .failure(.missing("Detail")) }
        guard !source.hasPrefix("aws.") else {
            return .failure(
                EntryFault(code: "NotAuthorizedForSourceException", message: "Not authorized for the source.")
            )
        }
        let value = detail.string.map { try? JSON(parsing: $0) } ?? detail
        guard let value, value.object != nil else {
            return .failure(EntryFault(code: "MalformedDetail", message: "Detail is malformed."))
        }
        let own = entry["Resources"]?.array?.compactMap(\.string) ?? []
        return .success(
            Event(
                id: id,
                source: source,
                detailType: type,
                detail: value,
                resources: own + resources,
                time: Self.time(entry["Time"]) ?? self.time
            )
        )
    }

    /// Seconds since 1970, as the wire has it, or a text, as tasks have it.
    private static func time(_ value: JSON?) -> Date? {
        if let seconds = value?.double { return Date(timeIntervalSince1970: seconds) }
        return value?.string.flatMap { try? Date($0, strategy: .iso8601) }
    }
}
