internal import JSON
internal import Personalize

/// Reads the file of Maintaining Personalized Experiences with Machine Learning, as it is.
///
/// Every resource is an object of `serviceConfig`, the request of its operation, and `workflowConfig`, how it is kept up.
/// What is wrong is told in that solution's sentences, with the place and what was probably meant.
enum MaintenanceFile {
    static func read(_ root: JSONObject) throws(ConfigurationError) -> PipelineConfiguration {
        var reading = MaintenanceReading()
        let configuration = reading.configuration(root)
        guard reading.check.faults.isEmpty else { throw ConfigurationError(faults: reading.check.faults) }
        return configuration
    }

    /// How old an import may become where a file does not say it.
    static let defaultMaximumAge = "365 days"
    /// The recipes whose solutions can learn on from their last version.
    static let updatableRecipes = ["aws-user-personalization", "aws-hrnn-coldstart"]
    /// The word that takes a schedule away, as leaving its key out does.
    static let deletedSchedule = "delete"
    /// The longest name of a job.
    static let maximumJobName = 63

    /// The name of the job that imports a dataset: `dataset_import_users_2026_11_21_04_00_00_7`.
    static func importJobName(_ type: String, _ run: PipelineRun) -> String {
        "dataset_import_\(type.lowercased())_\(run.executionName)"
    }

    /// The name of a batch job of a solution; a second one of the same solution is told apart by its number.
    static func batchJobName(_ solution: String, date: String, number: Int = 0) -> String {
        guard number > 0 else { return "batch_\(solution)_\(date)" }
        let rest = "_\(date)_\(number + 1)"
        return "batch_\(solution.prefix(maximumJobName - 6 - rest.count))\(rest)"
    }
}

/// One pass over one file.
struct MaintenanceReading {
    var check = ConfigurationReader()
    /// The tags of the root, which each component without its own has.
    var commonTags: JSON?

    typealias Parts = (service: JSON, workflow: JSONObject, section: JSONObject)

    mutating func configuration(_ root: JSONObject) -> PipelineConfiguration {
        let known = ["tags", "datasetGroup", "datasets", "eventTracker", "filters", "recommenders", "solutions"]
        if root.isEmpty { check.refuse(at: "", sentence: "Configuration should not be empty") }
        checkKeys(root, known, at: "")
        commonTags = tags(root["tags"], at: "root")
        let group = datasetGroup(root["datasetGroup"])
        let domain = group.request["domain"]?.string
        var configuration = PipelineConfiguration(
            shape: .mpe,
            datasetGroup: group.request,
            datasets: datasets(root["datasets"], domain: domain),
            solutions: solutions(root["solutions"]),
            eventTracker: eventTracker(root["eventTracker"]),
            filters: filters(root["filters"]),
            schedules: group.importSchedule.map { .init(full: nil, imports: $0, timeZone: "UTC") },
            notifications: nil
        )
        configuration.imports = imports(root["datasets"])
        configuration.imports.maximumAge = group.maximumAge
        configuration.drift = DriftPolicyKey.policy(
            root["datasetGroup"]?["workflowConfig"]?[DriftPolicyKey.name],
            at: "datasetGroup.workflowConfig.\(DriftPolicyKey.name)",
            &check
        )
        configuration.recommenders = recommenders(root["recommenders"])
        checkDuplicates(configuration)
        return configuration
    }

    // MARK: Dataset group and datasets

    private mutating func datasetGroup(
        _ value: JSON?
    ) -> (request: JSON, importSchedule: String?, maximumAge: TimeSpan?) {
        let fallback = TimeSpan(MaintenanceFile.defaultMaximumAge)
        guard let value, !value.isNull else {
            check.refuse(at: "datasetGroup", sentence: "A datasetGroup must be provided at path datasetGroup")
            return ([:], nil, fallback)
        }
        guard let parts = parts(value, at: "datasetGroup", workflow: ["schedules", "maxAge", DriftPolicyKey.name])
        else {
            return ([:], nil, fallback)
        }
        let request = request(parts.service, of: "CreateDatasetGroup", at: "datasetGroup.serviceConfig", given: [:])
        let place = "datasetGroup.workflowConfig"
        let schedules = schedules(parts.workflow["schedules"], known: ["import"], at: "\(place).schedules")
        let age = maximumAge(parts.workflow["maxAge"], at: "\(place).maxAge")
        return (request, schedules["import"], age ?? fallback)
    }

    private mutating func datasets(_ value: JSON?, domain: String?) -> [PipelineConfiguration.Dataset] {
        let missing = "You must at minimum create an interactions dataset and declare its schema"
        guard let value, !value.isNull, let sections = object(value, at: "datasets") else {
            if value?.isNull != false { check.refuse(at: "datasets", sentence: missing) }
            return []
        }
        checkKeys(sections, ["serviceConfig", "users", "items", "interactions"], at: "datasets")
        if sections["interactions"]?["schema"] == nil {
            check.refuse(at: "datasets.interactions", sentence: missing)
        }
        return ["Interactions", "Users", "Items"].compactMap { type in
            guard let section = sections[type.lowercased()], !section.isNull else { return nil }
            return dataset(section, type: type, domain: domain)
        }
    }

    private mutating func dataset(
        _ value: JSON,
        type: String,
        domain: String?
    ) -> PipelineConfiguration.Dataset? {
        let (key, path) = (type.lowercased(), "datasets.\(type.lowercased())")
        guard let section = object(value, at: path) else { return nil }
        checkKeys(section, ["dataset", "schema"], at: path)
        let given: JSON = [
            "schemaArn": Self.given("schema/given"), "datasetGroupArn": Self.given("dataset-group/given"),
            "datasetType": .string(type),
        ]
        var service: JSON = [:]
        if section["dataset"] == nil {
            check.refuse(at: path, sentence: "The \(key) dataset is missing, write \"dataset\" beside \"schema\"")
        } else if let parts = parts(section["dataset"], at: "\(path).dataset") {
            let place = "\(path).dataset.serviceConfig"
            service = request(parts.service, of: "CreateDataset", at: place, given: given)
        }
        guard let schema = schema(section["schema"], key: key, type: type, domain: domain, at: "\(path).schema")
        else { return nil }
        return PipelineConfiguration.Dataset(
            type: type,
            name: service["name"]?.string ?? "",
            schema: schema.record,
            schemaName: schema.name,
            schemaDomain: schema.domain,
            tags: service["tags"]
        )
    }

    private mutating func schema(
        _ value: JSON?,
        key: String,
        type: String,
        domain: String?,
        at path: String
    ) -> (record: JSON, name: String, domain: String?)? {
        guard let value, !value.isNull else {
            check.refuse(at: path, sentence: "The \(key) schema is missing")
            return nil
        }
        guard let parts = parts(value, at: path, isTagged: false), let service = parts.service.object else {
            return nil
        }
        let place = "\(path).serviceConfig"
        checkKeys(service, ["name", "schema", "domain"], at: place)
        let name = service["name"]?.string
        if name == nil { check.refuse(at: place, sentence: "The \(key) schema name is missing") }
        if service["domain"] != nil { checkValues(["domain": service["domain"] ?? .null], "CreateSchema", at: place) }
        if let name { checkValues(["name": .string(name)], "CreateSchema", at: place) }
        guard let record = record(service["schema"], key: key, at: "\(place).schema") else { return nil }
        let own = service["domain"]?.string
        var reader = ConfigurationReader()
        reader.checkSchema(record, of: type, domain: own ?? domain, at: "\(place).schema")
        for fault in reader.faults {
            check.refuse(at: place, sentence: "The \(key) schema is not valid: \(fault)")
        }
        return (record, name ?? "", own)
    }

    /// The Avro record: as an object, or as a string that holds one.
    private mutating func record(_ value: JSON?, key: String, at path: String) -> JSON? {
        guard let value, !value.isNull else {
            check.refuse(at: path, sentence: "The \(key) schema is missing")
            return nil
        }
        if value.object != nil { return value }
        guard let text = value.string else {
            check.refuse(at: path, sentence: "The \(key) schema is not valid: it must be an object")
            return nil
        }
        do {
            return try JSON(parsing: text)
        } catch {
            check.refuse(at: path, sentence: "The \(key) schema is not valid: \(error)")
            return nil
        }
    }

    private mutating func imports(_ value: JSON?) -> PipelineConfiguration.Imports {
        var imports = PipelineConfiguration.Imports()
        let service = value?["serviceConfig"]
        imports.tags = commonTags
        guard let service, !service.isNull, var members = object(service, at: "datasets.serviceConfig") else {
            return imports
        }
        let place = "datasets.serviceConfig"
        checkKeys(members, ["importMode", "publishAttributionMetricsToS3", "tags"], at: place)
        imports.tags = tags(members["tags"], at: place) ?? commonTags
        members["tags"] = nil
        let job = JSONObject(
            members.filter { ["importMode", "publishAttributionMetricsToS3"].contains($0.key) }
                .map { ($0.key, $0.value) }
        )
        checkValues(.object(job), "CreateDatasetImportJob", at: place)
        imports.mode = members["importMode"]?.string ?? imports.mode
        imports.publishesMetrics = members["publishAttributionMetricsToS3"]?.bool
        return imports
    }

    // MARK: Tracker, filters, recommenders

    private mutating func eventTracker(_ value: JSON?) -> JSON? {
        guard let value, !value.isNull, let parts = parts(value, at: "eventTracker") else { return nil }
        return request(parts.service, of: "CreateEventTracker", at: "eventTracker.serviceConfig")
    }

    private mutating func filters(_ value: JSON?) -> [JSON] {
        list(value, at: "filters").compactMap { path, section in
            guard let parts = parts(section, at: path) else { return nil }
            let request = request(parts.service, of: "CreateFilter", at: "\(path).serviceConfig")
            if request["filterExpression"]?.string != nil,
                let fault = PersonalizeService.ruleFault(in: request, of: "CreateFilter")
            {
                check.refuse("\(path).serviceConfig.filterExpression", fault)
            }
            return request
        }
    }

    private mutating func recommenders(_ value: JSON?) -> [PipelineConfiguration.Recommender] {
        list(value, at: "recommenders").compactMap { path, section in
            guard let parts = parts(section, at: path) else { return nil }
            let place = "\(path).serviceConfig"
            let request = request(parts.service, of: "CreateRecommender", at: place)
            check.checkRecipe(request, among: PersonalizeService.useCaseARNs, at: place)
            return PipelineConfiguration.Recommender(path: path, request: request)
        }
    }

    // MARK: Solutions

    private mutating func solutions(_ value: JSON?) -> [PipelineConfiguration.Solution] {
        list(value, at: "solutions").compactMap { path, section in solution(section, at: path) }
    }

    private mutating func solution(_ value: JSON, at path: String) -> PipelineConfiguration.Solution? {
        let own = ["campaigns", "batchInferenceJobs", "batchSegmentJobs"]
        guard let parts = parts(value, at: path, workflow: ["schedules"], besides: own) else { return nil }
        var service = parts.service
        let version = service["solutionVersion"]
        service["solutionVersion"] = nil
        let place = "\(path).serviceConfig"
        let request = request(service, of: "CreateSolution", at: place)
        check.checkSolution(request, at: place)
        let schedulePlace = "\(path).workflowConfig.schedules"
        let schedules = schedules(parts.workflow["schedules"], known: ["full", "update"], at: schedulePlace)
        let name = request["name"]?.string ?? ""
        let recipe = request["recipeArn"]?.string?.split(separator: "/").last.map(String.init) ?? ""
        if schedules["update"] != nil, !MaintenanceFile.updatableRecipes.contains(recipe) {
            check.refuse(
                at: "\(schedulePlace).update",
                sentence: "solution \(name) does not support solution version incremental updates - please use "
                    + "`full` instead of `update`."
            )
        }
        var solution = PipelineConfiguration.Solution(path: path, request: request)
        solution.version = solutionVersion(version, at: "\(place).solutionVersion")
        solution.campaigns = campaigns(parts.section["campaigns"], at: "\(path).campaigns")
        solution.fullSchedule = schedules["full"]
        solution.updateSchedule = schedules["update"]
        solution.batchJobs =
            batchJobs(.inference, parts.section["batchInferenceJobs"], of: name, at: "\(path).batchInferenceJobs")
            + batchJobs(.segment, parts.section["batchSegmentJobs"], of: name, at: "\(path).batchSegmentJobs")
        return solution
    }

    private mutating func solutionVersion(_ value: JSON?, at path: String) -> JSON {
        var version: JSON = [:]
        if let value, !value.isNull, let members = object(value, at: path) {
            let known = ["name", "tags", "trainingMode"]
            let unknown = members.keys.filter { !known.contains($0) }
            if !unknown.isEmpty {
                let hint = ConfigurationReader.hint(unknown[0], members, known: known)
                check.refuse(
                    at: path,
                    sentence: "Allowed keys for solutionVersion are: \(Self.quoted(known)). "
                        + "Unsupported key(s): \(Self.quoted(unknown)), \(hint)"
                )
            }
            for key in ["name", "trainingMode"] { version[key] = members[key] }
            checkValues(version, "CreateSolutionVersion", at: path)
            version["tags"] = tags(members["tags"], at: path)
        }
        if version["tags"] == nil { version["tags"] = commonTags }
        return version
    }

    private mutating func campaigns(_ value: JSON?, at path: String) -> [PipelineConfiguration.Campaign] {
        list(value, at: path).compactMap { path, section in
            guard let parts = parts(section, at: path, besides: [PromotionPolicyKey.name]) else { return nil }
            let place = "\(path).serviceConfig"
            let given: JSON = ["solutionVersionArn": Self.given("solution/given/00000000")]
            let request = request(parts.service, of: "CreateCampaign", at: place, given: given)
            if request["minProvisionedTPS"] == nil { refuseMissing("minProvisionedTPS", at: place) }
            check.checkCampaign(request, at: place)
            let policy = PromotionPolicyKey.policy(of: section, at: path, &check)
            return PipelineConfiguration.Campaign(path: path, request: request, promotionPolicy: policy)
        }
    }

    private mutating func batchJobs(
        _ kind: PipelineConfiguration.BatchJob.Kind,
        _ value: JSON?,
        of solution: String,
        at path: String
    ) -> [PipelineConfiguration.BatchJob] {
        let jobs = list(value, at: path)
        let name = MaintenanceFile.batchJobName(solution, date: "YYYY_mm_dd_HH_MM_SS")
        if !jobs.isEmpty, name.count > MaintenanceFile.maximumJobName {
            check.refuse(
                at: path,
                sentence: "The generated batch \(kind.rawValue) job name \(name) is longer than 63 characters. "
                    + "Use a shorter solution name."
            )
        }
        return jobs.compactMap { path, section in
            guard let parts = parts(section, at: path, workflow: ["schedule", "maxAge"]) else { return nil }
            let location: JSON = ["path": "s3://given/given/"]
            let given: JSON = [
                "jobName": "given", "solutionVersionArn": Self.given("solution/given/00000000"),
                "jobInput": ["s3DataSource": location], "jobOutput": ["s3DataDestination": location],
                "roleArn": "arn:aws:iam::000000000000:role/Given",
            ]
            let operation = kind == .inference ? "CreateBatchInferenceJob" : "CreateBatchSegmentJob"
            let request = request(parts.service, of: operation, at: "\(path).serviceConfig", given: given)
            let place = "\(path).workflowConfig"
            return PipelineConfiguration.BatchJob(
                kind: kind,
                path: path,
                request: request,
                schedule: schedule(parts.workflow["schedule"], at: "\(place).schedule"),
                maximumAge: maximumAge(parts.workflow["maxAge"], at: "\(place).maxAge")
            )
        }
    }

    private mutating func checkDuplicates(_ configuration: PipelineConfiguration) {
        let solutions = configuration.solutions
        let kinds: [(String, String, [(path: String, name: String)])] = [
            ("solution names", "solutions", solutions.map { ($0.path, $0.name) }),
            (
                "campaign names", "solutions",
                solutions.flatMap { solution in solution.campaigns.map { ($0.path, $0.name) } }
            ),
            ("recommender names", "recommenders", configuration.recommenders.map { ($0.path, $0.name) }),
            (
                "filter names", "filters",
                configuration.filters.enumerated().map { ("filters[\($0)]", $1["name"]?.string ?? "") }
            ),
        ]
        for (words, place, entries) in kinds {
            var seen: Set<String> = []
            var twice: [String] = []
            var path = ""
            for entry in entries where !entry.name.isEmpty && !seen.insert(entry.name).inserted {
                if !twice.contains(entry.name) { twice.append(entry.name) }
                path = entry.path
            }
            guard !twice.isEmpty else { continue }
            let names = twice.map { "'\($0)'" }.joined(separator: ", ")
            check.refuse(
                at: path,
                sentence: "duplicate \(words) found: {\(names)}. Do not use the same \(words) across \(place)"
            )
        }
    }
}
