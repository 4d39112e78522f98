internal import JSON
internal import Shapes

// MARK: - Exports

extension Operation {
    static let createDatasetExportJob = Operation.write(
        "CreateDatasetExportJob",
        .structure([
            .required("jobName", .name), .required("datasetArn", .arn),
            .optional("ingestionMode", .oneOf("BULK", "PUT", "ALL")), .required("roleArn", .roleArn),
            .required("jobOutput", .structure([.required("s3DataDestination", destination)])),
            .optional("tags", .tags),
        ])
    ) { service, input throws(PersonalizeError) in
        var draft = try Draft(.datasetExportJob, input, keeping: ["datasetArn", "roleArn", "jobOutput"])
        let dataset = try await service.activeResource(.dataset, try input.required("datasetArn"))
        try await service.checkPending(.datasetExportJob)
        draft.parentArn = dataset.arn
        draft.body["ingestionMode"] = .string(input["ingestionMode"]?.string ?? "PUT")
        return try await service.create(draft)
    }

    private static let destination = Shape.structure([
        .required("path", .text(0...256, .location)), .optional("kmsKeyArn", .text(0...2048, .keyArn)),
    ])
}

// MARK: - Deletions

extension Operation {
    static let createDataDeletionJob = Operation.write(
        "CreateDataDeletionJob",
        .structure([
            .required("jobName", .name), .required("datasetGroupArn", .arn),
            .required("dataSource", .structure([.optional("dataLocation", .text(0...256, .location))])),
            .required("roleArn", .roleArn), .optional("tags", .tags),
        ])
    ) { service, input throws(PersonalizeError) in
        var draft = try Draft(.dataDeletionJob, input, keeping: ["datasetGroupArn", "dataSource", "roleArn"])
        let group = try await service.activeResource(.datasetGroup, try input.required("datasetGroupArn"))
        guard input["dataSource"]?["dataLocation"]?.string != nil else {
            throw PersonalizeError(.invalidInput, "dataSource.dataLocation must be given, as s3://bucket/users.csv")
        }
        try await service.checkPending(.dataDeletionJob, parentArn: group.arn)
        draft.parentArn = group.arn
        return try await service.create(draft)
    }
}

extension PersonalizeService {
    /// Refuses one more job of a kind when too many have not ended yet.
    func checkPending(_ kind: ResourceKind, parentArn: String? = nil) async throws(PersonalizeError) {
        let unfinished = ResourceStatus.allCases.filter(\.isBeingCreated)
        let pending = try await count(ResourceQuery(kind, parentArn: parentArn, statuses: unfinished))
        guard pending < configuration.maximumPendingImports else {
            throw PersonalizeError(
                .limitExceeded,
                "More than \(configuration.maximumPendingImports) resources with PENDING or IN_PROGRESS status."
            )
        }
    }
}
