internal import FoundationEssentials
internal import JSON
internal import Shapes

extension Operation {
    static let createRecommender = Operation.write(
        "CreateRecommender",
        .structure([
            .required("name", .name), .required("datasetGroupArn", .arn), .required("recipeArn", .arn),
            .optional("recommenderConfig", .recommenderConfig), .optional("tags", .tags),
        ])
    ) { service, input throws(PersonalizeError) in
        var draft = try Draft(.recommender, input, keeping: ["datasetGroupArn", "recipeArn"])
        let group = try await service.activeResource(.datasetGroup, try input.required("datasetGroupArn"))
        let entry = try RecommenderRules.entry(try input.required("recipeArn"), in: group)
        let given = input["recommenderConfig"] ?? [:]
        try await service.check(given, entry, group)
        let config = RecommenderRules.completed(given, entry)
        draft.parentArn = group.arn
        draft.body["recommenderConfig"] = config
        service.planTraining(entry, config, in: &draft.body)
        return try await service.create(draft)
    }

    static let updateRecommender = Operation.write(
        "UpdateRecommender",
        .structure([.required("recommenderArn", .arn), .required("recommenderConfig", .recommenderConfig)])
    ) { service, input throws(PersonalizeError) in
        var recommender = try await service.settledRecommender(input, [.active], "can be updated")
        let group = try await service.resource(.datasetGroup, recommender.parentArn ?? "")
        let entry = try RecommenderRules.entry(try recommender.body.required("recipeArn"), in: group)
        var config = recommender.body["recommenderConfig"] ?? [:]
        let columns = config["trainingDataConfig"]
        for (member, value) in input["recommenderConfig"]?.object ?? [:] { config[member] = value }
        try await service.check(config, entry, group)
        config = RecommenderRules.completed(config, entry)
        recommender.body["latestRecommenderUpdate"] = [
            "recommenderConfig": config, "status": .string(ResourceStatus.createPending.rawValue),
            "creationDateTime": .seconds(of: service.now()), "lastUpdatedDateTime": .seconds(of: service.now()),
        ]
        if config["trainingDataConfig"] != columns {
            service.planTraining(entry, config, in: &recommender.body)
        }
        return .updating(recommender)
    }

    static let stopRecommender = Operation.write(
        "StopRecommender",
        .structure([.required("recommenderArn", .arn)])
    ) { service, input throws(PersonalizeError) in
        var recommender = try await service.settledRecommender(input, [.active], "can be stopped")
        recommender.status = .stopPending
        return .updating(recommender)
    }

    static let startRecommender = Operation.write(
        "StartRecommender",
        .structure([.required("recommenderArn", .arn)])
    ) { service, input throws(PersonalizeError) in
        var recommender = try await service.settledRecommender(input, [.inactive], "can be started")
        recommender.status = .startPending
        return .updating(recommender)
    }
}

extension Decision {
    /// Saves a recommender and answers its ARN.
    fileprivate static func updating(_ recommender: Resource) -> Decision {
        var decision = Decision()
        decision.transition.updates = [recommender]
        decision.response = ["recommenderArn": .string(recommender.arn)]
        return decision
    }
}

extension PersonalizeService {
    /// The recommender of a request, which must have come to rest in one of some states.
    fileprivate func settledRecommender(
        _ input: JSON,
        _ statuses: [ResourceStatus],
        _ action: String
    ) async throws(PersonalizeError) -> Resource {
        let recommender = try await resource(.recommender, try input.required("recommenderArn"))
        let wanted = statuses.map(\.rawValue).joined(separator: " or ")
        guard recommender.status.isSettled, !recommender.isUpdating else {
            throw .inUse(recommender, "it \(action) when it is \(wanted) and no update is going on")
        }
        guard statuses.contains(recommender.status) else {
            throw PersonalizeError(
                .invalidInput,
                "Recommender \"\(recommender.arn)\" has status \(recommender.status.rawValue); "
                    + "only one that is \(wanted) \(action)"
            )
        }
        return recommender
    }

    /// Puts a training into a recommender's body, where it waits for its turn.
    func planTraining(_ entry: CatalogEntry, _ config: JSON, in recommender: inout JSON) {
        var training: JSON = [
            "id": .string(makeID().uuidString.prefix(8).lowercased()), "recipeArn": .string(entry.arn),
            "trainingMode": "FULL", "creationDateTime": .seconds(of: now()),
        ]
        training["datasetGroupArn"] = recommender["datasetGroupArn"]
        training["eventType"] = entry.useCase?.eventType.map(JSON.string)
        if let columns = config["trainingDataConfig"] { training["solutionConfig"] = ["trainingDataConfig": columns] }
        recommender["nextModel"] = training
        recommender["lastTraining"] = .seconds(of: now())
    }
}
