internal import JSON
internal import Shapes

extension Operation {
    static let updateDataset = Operation.write(
        "UpdateDataset",
        .structure([.required("datasetArn", .arn), .required("schemaArn", .arn)])
    ) { service, input throws(PersonalizeError) in
        var dataset = try await service.activeResource(.dataset, try input.required("datasetArn"))
        guard !dataset.isUpdating else { throw .inUse(dataset, "its schema is being replaced; wait for that to end") }
        let schema = try await service.resource(.schema, try input.required("schemaArn"))
        try await service.checkReplacement(of: dataset, by: schema)
        try await service.checkNoImport(into: dataset)
        dataset.body["latestDatasetUpdate"] = [
            "schemaArn": .string(schema.arn),
            "status": .string(ResourceStatus.createPending.rawValue),
            "creationDateTime": .seconds(of: service.now()),
            "lastUpdatedDateTime": .seconds(of: service.now()),
        ]
        var decision = Decision()
        decision.transition.updates = [dataset]
        decision.response = ["datasetArn": .string(dataset.arn)]
        return decision
    }
}

extension PersonalizeService {
    /// Refuses a schema that does not keep the fields a dataset has, or whose new ones must have values.
    fileprivate func checkReplacement(of dataset: Resource, by schema: Resource) async throws(PersonalizeError) {
        let old = try await self.schema(of: dataset)
        guard [.users, .items].contains(old.datasetType) else {
            throw PersonalizeError(
                .invalidInput,
                "Dataset \"\(dataset.arn)\" is of type \(old.datasetType.rawValue); "
                    + "only the schema of an Items or Users dataset can be replaced"
            )
        }
        try AvroSchema.check(schema, describes: old.datasetType)
        let new = try AvroSchema.parse(try schema.body.required("schema"), domain: schema.body["domain"]?.string)
        let faults = old.faults(of: new)
        guard faults.isEmpty else {
            throw PersonalizeError(
                .invalidInput,
                "Schema \"\(schema.arn)\" cannot replace that of dataset \"\(dataset.arn)\": "
                    + faults.joined(separator: "; ")
            )
        }
    }

    fileprivate func checkNoImport(into dataset: Resource) async throws(PersonalizeError) {
        let unfinished = ResourceStatus.allCases.filter(\.isBeingCreated)
        let imports = ResourceQuery(.datasetImportJob, parentArn: dataset.arn, statuses: unfinished, limit: 1)
        guard let job = try await resources(imports).first else { return }
        throw .inUse(job, "the schema of its dataset can be replaced once that has ended")
    }

    /// Replaces a dataset's schema: what is put or imported from now on has the new columns, older records have no values
    /// in them, and solutions that were there before do not learn from them.
    func finishSchemaUpdate(of arn: String) async {
        let newest = ResourceQuery(.solution, .recommender, limit: 1, isNewestFirst: true)
        let now = now()
        let updated = await sealing.alone { () async -> Resource? in
            let old = await insist { () async throws(PersonalizeError) in try await found(arn) }
            guard let old, let columns = await addedColumns(of: old) else { return nil }
            let solution = await insist { () async throws(PersonalizeError) in try await resources(newest) }?.first
            return await change(arn) { dataset in
                guard dataset.isUpdating, var update = dataset.body["latestDatasetUpdate"] else { return false }
                update["status"] = .string(ResourceStatus.active.rawValue)
                update["lastUpdatedDateTime"] = .seconds(of: now)
                dataset.body["latestDatasetUpdate"] = update
                dataset.body["schemaArn"] = update["schemaArn"]
                var added = dataset.body["addedColumns"] ?? [:]
                for column in columns { added[column] = .integer(solution?.sequence ?? 0) }
                dataset.body["addedColumns"] = added
                return true
            }
        }
        if let group = updated?.parentArn { await refreshCampaigns(group: group) }
    }

    /// The columns that the schema has which is to replace a dataset's.
    private func addedColumns(of dataset: Resource) async -> [String]? {
        await insist { () async throws(PersonalizeError) in
            guard let arn = dataset.body["latestDatasetUpdate"]?["schemaArn"]?.string else { return nil }
            let old = try await schema(of: dataset)
            let resource = try await resource(.schema, arn)
            let text = try resource.body.required("schema")
            let new = try AvroSchema.parse(text, domain: resource.body["domain"]?.string)
            return new.columns.map(\.name).filter { old.column($0) == nil }
        }
    }
}

extension Resource {
    /// Whether a solution was there before a column came to this dataset's schema.
    func hasAdded(_ column: String, after solution: Resource) -> Bool {
        guard let newest = body["addedColumns"]?[column]?.int else { return false }
        return solution.sequence <= newest
    }
}

extension Schema {
    /// What keeps another schema from replacing this one.
    fileprivate func faults(of new: Schema) -> [String] {
        var faults: [String] = []
        for column in columns {
            guard let other = new.column(column.name) else {
                faults.append("field \"\(column.name)\" is missing; all fields must stay")
                continue
            }
            if other != column {
                faults.append("field \"\(column.name)\" has another type or attributes; they must stay as they are")
            }
        }
        for column in new.columns where self.column(column.name) == nil && !column.isNullable {
            faults.append(
                "field \"\(column.name)\" is new and does not allow null; "
                    + "make its type [\"null\",\"\(column.type.rawValue)\"]"
            )
        }
        return faults
    }
}
