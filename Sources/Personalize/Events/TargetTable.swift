internal import JSON
internal import Synchronization

/// A dataset that records can be put into.
struct PutTarget: Sendable {
    let datasetArn: String
    let schema: Schema
}

/// What tracking ids and ARNs in requests stand for, each looked up once.
final class TargetTable: Sendable {
    private struct State {
        var targets: [String: PutTarget] = [:]
        var generation = 0
    }

    private let state = Mutex(State())

    /// What a name stands for, by what is known or else by a look-up.
    func target(
        _ name: String,
        _ find: () async throws(PersonalizeError) -> PutTarget
    ) async throws(PersonalizeError) -> PutTarget {
        let (known, generation) = state.withLock { ($0.targets[name], $0.generation) }
        if let known { return known }
        let target = try await find()
        state.withLock { state in
            // What has changed while it was looked up is looked up again.
            if state.generation == generation { state.targets[name] = target }
        }
        return target
    }

    /// Forgets all, after trackers, datasets or schemas have changed.
    func clear() {
        state.withLock { state in
            state.targets = [:]
            state.generation += 1
        }
    }
}

extension PersonalizeService {
    /// The dataset of a type to which the events of a tracker go.
    func target(_ type: DatasetType, tracking id: String) async throws(PersonalizeError) -> PutTarget {
        try await targets.target("\(type.rawValue)/\(id)") { () async throws(PersonalizeError) in
            let trackers = try await resources(ResourceQuery(.eventTracker))
            guard let tracker = trackers.first(where: { $0.body["trackingId"]?.string == id }) else {
                throw PersonalizeError(
                    .invalidInput,
                    "trackingId \"\(id)\" is of no event tracker; DescribeEventTracker tells that of a tracker"
                )
            }
            guard tracker.status == .active else {
                throw PersonalizeError(
                    .invalidInput,
                    "EventTracker \"\(tracker.arn)\" has status \(tracker.status.rawValue); it must be ACTIVE"
                )
            }
            guard let dataset = try await dataset(type, group: tracker.parentArn), dataset.status == .active
            else {
                throw PersonalizeError(
                    .invalidInput,
                    "DatasetGroup \"\(tracker.parentArn ?? "")\" has no ACTIVE dataset of type \(type.rawValue); "
                        + "create one"
                )
            }
            return PutTarget(datasetArn: dataset.arn, schema: try await schema(of: dataset))
        }
    }

    /// The dataset of a type that a request names.
    func target(_ type: DatasetType, _ arn: String) async throws(PersonalizeError) -> PutTarget {
        let target = try await targets.target(arn) { () async throws(PersonalizeError) in
            let dataset = try await activeResource(.dataset, arn)
            return PutTarget(datasetArn: arn, schema: try await schema(of: dataset))
        }
        guard target.schema.datasetType == type else {
            let found = target.schema.datasetType.rawValue
            throw PersonalizeError(.invalidInput, "Dataset \"\(arn)\" is of type \(found), not \(type.rawValue)")
        }
        return target
    }
}
