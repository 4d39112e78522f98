internal import JSON
internal import Shapes

extension Operation {
    static let deletions: [Operation] = ResourceKind.allCases
        .filter { !$0.isJob && $0 != .solutionVersion }
        .map(delete)

    private static func delete(_ kind: ResourceKind) -> Operation {
        .write("Delete\(kind.title)", .structure([.required(kind.arnMember, .arn)])) {
            service,
            input throws(PersonalizeError) in
            var resource = try await service.resource(kind, try input.required(kind.arnMember))
            guard resource.status.isSettled, !resource.isUpdating else {
                throw .inUse(resource, "it can be deleted once that has ended")
            }
            try await service.checkUnused(resource)
            var decision = Decision()
            if kind == .schema {
                decision.transition.deletes = [resource.arn]
            } else {
                resource.status = .deletePending
                decision.transition.updates = [resource]
            }
            return decision
        }
    }
}

extension PersonalizeService {
    /// Refuses to delete what something else still needs.
    fileprivate func checkUnused(_ resource: Resource) async throws(PersonalizeError) {
        switch resource.kind {
        case .datasetGroup:
            try await refuse(resource, ifAny: [.eventTracker, .solution, .recommender, .metricAttribution, .dataset])
        case .schema: try await checkSchemaUnused(resource)
        case .dataset: try await checkDatasetIdle(resource)
        case .solution:
            try await refuse(resource, ifAny: [.campaign])
            try await refuseBatches(of: resource)
            try await refuse(resource, ifAny: [.solutionVersion], in: ResourceStatus.allCases.filter(\.isBeingCreated))
        default: break
        }
    }

    private func refuse(
        _ resource: Resource,
        ifAny kinds: [ResourceKind],
        in statuses: [ResourceStatus] = []
    ) async throws(PersonalizeError) {
        var query = ResourceQuery(parentArn: resource.arn, statuses: statuses, limit: 1)
        query.kinds = kinds
        if let child = try await resources(query).first { throw .used(resource, by: child) }
    }

    private func refuseBatches(of solution: Resource) async throws(PersonalizeError) {
        let unfinished = ResourceStatus.allCases.filter(\.isBeingCreated)
        for version in try await resources(ResourceQuery(.solutionVersion, parentArn: solution.arn)) {
            try await refuse(version, ifAny: [.batchInferenceJob, .batchSegmentJob], in: unfinished)
        }
    }

    private func checkSchemaUnused(_ schema: Resource) async throws(PersonalizeError) {
        let datasets = try await resources(ResourceQuery(.dataset))
        if let user = datasets.first(where: { $0.body["schemaArn"]?.string == schema.arn }) {
            throw .used(schema, by: user)
        }
    }

    private func checkDatasetIdle(_ dataset: Resource) async throws(PersonalizeError) {
        let unfinished = ResourceStatus.allCases.filter(\.isBeingCreated)
        try await refuse(dataset, ifAny: [.datasetImportJob, .datasetExportJob], in: unfinished)
        let versions = try await resources(ResourceQuery(.solutionVersion, statuses: unfinished))
        if let user = versions.first(where: { $0.body["datasetGroupArn"]?.string == dataset.parentArn }) {
            throw .used(dataset, by: user)
        }
        let recommenders = try await resources(ResourceQuery(.recommender))
        if let user = recommenders.first(where: { $0.parentArn == dataset.parentArn && $0.nextTraining != nil }) {
            throw .used(dataset, by: user)
        }
    }
}

extension PersonalizeError {
    fileprivate static func used(_ resource: Resource, by user: Resource) -> PersonalizeError {
        PersonalizeError(
            .resourceInUse,
            "\(resource.kind.title) \"\(resource.arn)\" is used by \(user.kind.title) \"\(user.arn)\" "
                + "with status \(user.status.rawValue)"
        )
    }
}
