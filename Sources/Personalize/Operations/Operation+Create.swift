internal import FoundationEssentials
internal import JSON
internal import Shapes

// MARK: - Groups, schemas, datasets

extension Operation {
    static let createDatasetGroup = Operation.write(
        "CreateDatasetGroup",
        .structure([
            .required("name", .name), .optional("roleArn", .roleArn), .optional("kmsKeyArn", .text(0...2048, .keyArn)),
            .optional("domain", .domain), .optional("tags", .tags),
        ])
    ) { service, input throws(PersonalizeError) in
        var draft = try Draft(.datasetGroup, input, keeping: ["roleArn", "kmsKeyArn", "domain"])
        draft.answering = ["domain"]
        return try await service.create(draft)
    }

    static let createSchema = Operation.write(
        "CreateSchema",
        .structure([
            .required("name", .name), .required("schema", .text(0...20000)), .optional("domain", .domain),
        ])
    ) { service, input throws(PersonalizeError) in
        var draft = try Draft(.schema, input, keeping: ["schema", "domain"])
        try AvroSchema.check(try input.required("schema"), domain: input["domain"]?.string)
        draft.status = .active
        return try await service.create(draft)
    }

    static let createDataset = Operation.write(
        "CreateDataset",
        .structure([
            .required("name", .name), .required("schemaArn", .arn), .required("datasetGroupArn", .arn),
            .required("datasetType", .text(0...256, .datasetType)), .optional("tags", .tags),
        ])
    ) { service, input throws(PersonalizeError) in
        var draft = try Draft(.dataset, input, keeping: ["schemaArn", "datasetGroupArn"])
        let group = try await service.activeResource(.datasetGroup, try input.required("datasetGroupArn"))
        let schema = try await service.resource(.schema, try input.required("schemaArn"))
        let type = try DatasetType.named(try input.required("datasetType"))
        try AvroSchema.check(schema, describes: type)
        try AvroSchema.check(schema, isOfDomainOf: group)
        draft.parentArn = group.arn
        draft.path = "\(group.name)/\(type.word)"
        draft.body["datasetType"] = .string(type.word)
        return try await service.create(draft)
    }

    static let createDatasetImportJob = Operation.write(
        "CreateDatasetImportJob",
        .structure([
            .required("jobName", .name), .required("datasetArn", .arn),
            .required("dataSource", .structure([.optional("dataLocation", .text(0...256, .location))])),
            .optional("roleArn", .roleArn), .optional("tags", .tags),
            .optional("importMode", .oneOf("FULL", "INCREMENTAL")),
            .optional("publishAttributionMetricsToS3", .boolean),
        ])
    ) { service, input throws(PersonalizeError) in
        let kept = ["datasetArn", "dataSource", "roleArn", "publishAttributionMetricsToS3"]
        var draft = try Draft(.datasetImportJob, input, keeping: kept)
        let dataset = try await service.activeResource(.dataset, try input.required("datasetArn"))
        guard input["dataSource"]?["dataLocation"]?.string != nil else {
            throw PersonalizeError(.invalidInput, "dataSource.dataLocation must be given, as s3://bucket/folder/")
        }
        try await service.checkPublishing(input, dataset)
        let mode = input["importMode"]?.string ?? "FULL"
        try await service.checkImport(into: dataset, mode: mode)
        draft.parentArn = dataset.arn
        draft.body["importMode"] = .string(mode)
        return try await service.create(draft)
    }
}

extension PersonalizeService {
    /// Whether one more import may begin, and whether there is data that an incremental one could add to.
    fileprivate func checkImport(into dataset: Resource, mode: String) async throws(PersonalizeError) {
        guard !dataset.isUpdating else { throw .inUse(dataset, "its schema is being replaced; wait for that to end") }
        let pending = try await count(
            ResourceQuery(.datasetImportJob, statuses: [.createPending, .createInProgress])
        )
        let limit = configuration.maximumPendingImports
        guard pending < limit else {
            throw PersonalizeError(
                .limitExceeded,
                "More than \(limit) resources with PENDING or IN_PROGRESS status."
            )
        }
        guard mode == "INCREMENTAL" else { return }
        let snapshots = try await snapshots(of: dataset.arn)
        guard snapshots.contains(where: { $0.source == .bulk }) else {
            throw PersonalizeError(
                .invalidInput,
                "importMode INCREMENTAL needs an earlier FULL import into \(dataset.arn); import with FULL first"
            )
        }
    }
}

// MARK: - Trackers and filters

extension Operation {
    static let createEventTracker = Operation.write(
        "CreateEventTracker",
        .structure([.required("name", .name), .required("datasetGroupArn", .arn), .optional("tags", .tags)])
    ) { service, input throws(PersonalizeError) in
        var draft = try Draft(.eventTracker, input, keeping: ["datasetGroupArn"])
        let group = try await service.activeResource(.datasetGroup, try input.required("datasetGroupArn"))
        if let other = try await service.resources(ResourceQuery(.eventTracker, parentArn: group.arn)).first,
            other.name != draft.name
        {
            throw PersonalizeError(
                .resourceAlreadyExists,
                "DatasetGroup \(group.arn) already has the event tracker \(other.arn); there is one a group"
            )
        }
        draft.parentArn = group.arn
        draft.body["accountId"] = .string(service.configuration.account)
        draft.body["trackingId"] = .string(service.makeID().uuidString.lowercased())
        draft.answering = ["trackingId"]
        return try await service.create(draft)
    }

    static let createFilter = Operation.write(
        "CreateFilter",
        .structure([
            .required("name", .name), .required("datasetGroupArn", .arn),
            .required("filterExpression", .text(1...2500)), .optional("tags", .tags),
        ])
    ) { service, input throws(PersonalizeError) in
        var draft = try Draft(.filter, input, keeping: ["datasetGroupArn", "filterExpression"])
        let group = try await service.activeResource(.datasetGroup, try input.required("datasetGroupArn"))
        try await service.checkFilter(try input.required("filterExpression"), group: group.arn)
        draft.parentArn = group.arn
        return try await service.create(draft)
    }
}
