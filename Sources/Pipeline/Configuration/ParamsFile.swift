internal import Foundation
public import JSON
internal import Personalize
internal import Scheduler
internal import Shapes

/// Reads a configuration of any shape and checks it whole: every fault is found before anything is created.
public enum ParamsFile {
    /// The name that makes a file one of these, wherever it lies.
    public static let fileName = "params.json"

    /// Parses and checks the text of a file.
    ///
    /// - Parameters:
    ///   - utf8: The text.
    ///   - key: Where it lies, which tells the shape where the content does not.
    /// - Returns: The configuration.
    /// - Throws: `ConfigurationError` with all faults; for text that is no JSON, the line and column of the first.
    public static func read(
        _ utf8: [UInt8],
        key: String = fileName
    ) throws(ConfigurationError) -> PipelineConfiguration {
        let value: JSON
        do {
            value = try JSON(parsing: utf8)
        } catch {
            let fault =
                ConfigurationFile.isParams(key)
                ? Fault(path: "", message: "\(fileName) is not valid JSON: \(error)")
                : Fault(path: "", message: "Could not validate JSON: \(error)")
            throw ConfigurationError(faults: [fault])
        }
        return try read(value, key: key)
    }

    /// Checks a parsed file.
    ///
    /// - Parameters:
    ///   - value: The file's value.
    ///   - key: Where it lies, which tells the shape where the content does not.
    /// - Returns: The configuration.
    /// - Throws: `ConfigurationError` with all faults.
    public static func read(
        _ value: JSON,
        key: String = fileName
    ) throws(ConfigurationError) -> PipelineConfiguration {
        guard let root = value.object else {
            let name = key.split(separator: "/").last.map(String.init) ?? key
            let fault = Fault(path: "", message: "\(name) must hold a JSON object, but it holds \(value.typeName)")
            throw ConfigurationError(faults: [fault])
        }
        let shape = ConfigurationShape.of(root, key: key)
        if shape == .mpe { return try MaintenanceFile.read(root) }
        var reading = Reading()
        let configuration = reading.configuration(root, shape)
        guard reading.check.faults.isEmpty else { throw ConfigurationError(faults: reading.check.faults) }
        return configuration
    }
}

/// One pass over one file.
private struct Reading {
    var check = ConfigurationReader()

    private static let datasetTypes = ["Interactions", "Users", "Items"]
    private static let commonKeys = [
        "datasetGroup", "datasets", "eventTracker", "filters", "schedules", "notifications", DriftPolicyKey.name,
    ]

    mutating func configuration(_ root: JSONObject, _ shape: ConfigurationShape) -> PipelineConfiguration {
        let own = shape == .sample2 ? ["solutions", "campaigns"] : ["solution", "campaign"]
        check.checkKeys(root, known: Self.commonKeys + own, at: "")
        let group = datasetGroup(root["datasetGroup"])
        let datasets = datasets(root["datasets"], domain: group["domain"]?.string)
        let solutions = shape == .sample2 ? solutions(root) : solution(root)
        checkUniqueNames(solutions)
        var configuration = PipelineConfiguration(
            shape: shape,
            datasetGroup: group,
            datasets: datasets,
            solutions: solutions,
            eventTracker: eventTracker(root["eventTracker"]),
            filters: filters(root["filters"]),
            schedules: schedules(root["schedules"]),
            notifications: notifications(root["notifications"])
        )
        configuration.drift = DriftPolicyKey.policy(root[DriftPolicyKey.name], at: DriftPolicyKey.name, &check)
        return configuration
    }

    // MARK: Dataset group and datasets

    private mutating func datasetGroup(_ value: JSON?) -> JSON {
        guard check.object(value, at: "datasetGroup") != nil, let value else { return [:] }
        checkRequest(value, of: "CreateDatasetGroup", at: "datasetGroup", given: [:])
        return value
    }

    private mutating func datasets(_ value: JSON?, domain: String?) -> [PipelineConfiguration.Dataset] {
        guard let sections = check.object(value, at: "datasets") else { return [] }
        check.checkKeys(sections, known: Self.datasetTypes, at: "datasets")
        if sections["Interactions"] == nil {
            check.refuse("datasets.Interactions", "is missing; a recommender is trained on interactions")
        }
        return Self.datasetTypes.compactMap { type in
            sections[type].flatMap { dataset($0, type: type, domain: domain) }
        }
    }

    private mutating func dataset(
        _ value: JSON,
        type: String,
        domain: String?
    ) -> PipelineConfiguration.Dataset? {
        let path = "datasets.\(type)"
        guard let section = check.object(value, at: path) else { return nil }
        check.checkKeys(section, known: ["name", "schema"], at: path)
        let name = name(section["name"], of: "CreateDataset", at: path)
        guard let schema = schema(section["schema"], at: "\(path).schema") else { return nil }
        check.checkSchema(schema, of: type, domain: domain, at: "\(path).schema")
        return name.map { PipelineConfiguration.Dataset(type: type, name: $0, schema: schema) }
    }

    /// The Avro record: as an object, or as a string that holds one, which is how the API takes it.
    private mutating func schema(_ value: JSON?, at path: String) -> JSON? {
        guard let text = value?.string else { return check.object(value, at: path).map(JSON.object) }
        do {
            return check.object(try JSON(parsing: text), at: path).map(JSON.object)
        } catch {
            check.refuse(path, "is a string that is not valid JSON: \(error)")
            return nil
        }
    }

    // MARK: Solutions and campaigns

    private mutating func solution(_ root: JSONObject) -> [PipelineConfiguration.Solution] {
        let solution = request(root["solution"], of: "CreateSolution", at: "solution", given: Self.solutionGiven)
        let campaign = campaignRequest(root["campaign"], at: "campaign")
        let policy = PromotionPolicyKey.policy(of: root["campaign"], at: "campaign", &check)
        guard let solution, let campaign else { return [] }
        let served = PipelineConfiguration.Campaign(path: "campaign", request: campaign, promotionPolicy: policy)
        return [PipelineConfiguration.Solution(path: "solution", request: solution, campaigns: [served])]
    }

    private mutating func solutions(_ root: JSONObject) -> [PipelineConfiguration.Solution] {
        let requests = check.object(root["solutions"], at: "solutions")
        let campaigns = check.object(root["campaigns"], at: "campaigns")
        guard let requests, let campaigns else { return [] }
        if requests.isEmpty { check.refuse("solutions", "must have at least one solution") }
        let campaignKeys = requests.keys.map { "\($0)Campaign" }
        for key in campaigns.keys where !campaignKeys.contains(key) {
            let known = campaignKeys.filter { campaigns[$0] == nil }
            let hint = NearestName.find(key, among: known).map { "did you mean \"\($0)\"?" }
            let remedy = hint ?? "a campaign's key is its solution's key followed by \"Campaign\""
            check.refuse("campaigns.\(key)", "belongs to no solution, \(remedy)")
        }
        return requests.compactMap { key, value in
            let path = "solutions.\(key)"
            let solution = request(value, of: "CreateSolution", at: path, given: Self.solutionGiven)
            let place = "campaigns.\(key)Campaign"
            let campaign = campaigns["\(key)Campaign"].flatMap { campaignRequest($0, at: place) }
            let policy = PromotionPolicyKey.policy(of: campaigns["\(key)Campaign"], at: place, &check)
            let served = campaign.map { request in
                [PipelineConfiguration.Campaign(path: place, request: request, promotionPolicy: policy)]
            }
            return solution.map {
                PipelineConfiguration.Solution(path: path, request: $0, campaigns: served ?? [])
            }
        }
    }

    /// What the pipeline itself adds to a request, so that a file need not (and may not) say it.
    private static let solutionGiven: JSON = [
        "datasetGroupArn": "arn:aws:personalize:us-east-1:000000000000:dataset-group/given"
    ]
    private static let campaignGiven: JSON = [
        "solutionVersionArn": "arn:aws:personalize:us-east-1:000000000000:solution/given/00000000"
    ]

    private mutating func campaignRequest(_ value: JSON?, at path: String) -> JSON? {
        request(value.map(PromotionPolicyKey.without), of: "CreateCampaign", at: path, given: Self.campaignGiven)
    }

    private mutating func request(_ value: JSON?, of operation: String, at path: String, given: JSON) -> JSON? {
        guard check.object(value, at: path) != nil, let value else { return nil }
        checkRequest(value, of: operation, at: path, given: given)
        switch operation {
        case "CreateSolution": check.checkSolution(value, at: path)
        case "CreateCampaign": check.checkCampaign(value, at: path)
        case "CreateFilter" where value["filterExpression"]?.string != nil:
            if let fault = PersonalizeService.ruleFault(in: value, of: operation) { check.refuse(path, fault) }
        default: break
        }
        return value
    }

    private mutating func checkRequest(_ value: JSON, of operation: String, at path: String, given: JSON) {
        guard let members = value.object else { return }
        let known = PersonalizeService.members(of: operation).filter { given[$0] == nil }
        check.checkKeys(members, known: known, at: path)
        var input = JSONObject(members.filter { known.contains($0.key) }.map { ($0.key, $0.value) })
        for (key, value) in given.object ?? [:] { input[key] = value }
        for fault in PersonalizeService.faults(in: .object(input), of: operation) { refuse(fault, at: path) }
    }

    private mutating func checkUniqueNames(_ solutions: [PipelineConfiguration.Solution]) {
        var seen: [String: String] = [:]
        for solution in solutions {
            if let first = seen.updateValue(solution.path, forKey: solution.name) {
                check.refuse("\(solution.path).name", "\"\(solution.name)\" is also the name of \(first)")
            }
        }
        var campaigns: [String: String] = [:]
        for campaign in solutions.flatMap(\.campaigns) where !campaign.name.isEmpty {
            if let first = campaigns.updateValue(campaign.path, forKey: campaign.name) {
                check.refuse("\(campaign.path).name", "\"\(campaign.name)\" is also the name of \(first)")
            }
        }
    }

    private mutating func checkUniqueNames(ofFilters filters: [JSON]) {
        var seen: [String: Int] = [:]
        for (index, filter) in filters.enumerated() {
            guard let name = filter["name"]?.string else { continue }
            if let first = seen.updateValue(index, forKey: name) {
                check.refuse("filters[\(index)].name", "\"\(name)\" is also the name of filters[\(first)]")
            }
        }
    }

    // MARK: Event tracker and filters

    private mutating func eventTracker(_ value: JSON?) -> JSON? {
        guard let value, !value.isNull, let section = check.object(value, at: "eventTracker") else { return nil }
        check.checkKeys(section, known: ["name"], at: "eventTracker")
        return name(section["name"], of: "CreateEventTracker", at: "eventTracker").map { ["name": .string($0)] }
    }

    private mutating func filters(_ value: JSON?) -> [JSON] {
        guard let value, !value.isNull else { return [] }
        guard let sections = value.array else {
            check.refuse("filters", "must be a list of objects with \"name\" and \"filterExpression\"")
            return []
        }
        let filters = sections.enumerated().compactMap { index, section in
            request(section, of: "CreateFilter", at: "filters[\(index)]", given: Self.solutionGiven)
        }
        checkUniqueNames(ofFilters: sections)
        return filters
    }

    // MARK: Schedules and notifications

    private mutating func schedules(_ value: JSON?) -> PipelineConfiguration.Schedules? {
        guard let value, !value.isNull, let section = check.object(value, at: "schedules") else { return nil }
        return check.schedules(section, at: "schedules")
    }

    private mutating func notifications(_ value: JSON?) -> [PipelineConfiguration.Notification] {
        guard let value, !value.isNull else { return [] }
        guard let sections = value.array else {
            check.refuse("notifications", "must be a list, such as [{\"webhook\": \"https://…\"}]")
            return []
        }
        return sections.enumerated().compactMap { notification($1, at: "notifications[\($0)]") }
    }

    private mutating func notification(_ value: JSON, at path: String) -> PipelineConfiguration.Notification? {
        guard let section = check.object(value, at: path) else { return nil }
        check.checkKeys(section, known: ["webhook", "mail", "digest"], at: path)
        let webhook = check.optionalString(section["webhook"], at: "\(path).webhook")
        let mail = check.optionalString(section["mail"], at: "\(path).mail")
        var notification: PipelineConfiguration.Notification
        switch (webhook, mail) {
        case (let url?, nil): notification = .webhook(url)
        case (nil, let address?): notification = .mail(address)
        default:
            check.refuse(path, "must have either \"webhook\" or \"mail\"")
            return nil
        }
        if let fault = Notices.fault(of: notification) {
            check.refuse("\(path).\(webhook == nil ? "mail" : "webhook")", fault)
        }
        notification.digest = digest(section["digest"], at: "\(path).digest")
        return notification
    }

    private mutating func digest(_ value: JSON?, at path: String) -> TimeSpan? {
        guard let text = check.optionalString(value, at: path) else { return nil }
        guard let span = TimeSpan(text), Notices.digestBounds.contains(span.seconds) else {
            check.refuse(path, "\"\(text)\" must be a length of time from a minute to 30 days, such as \"1 day\"")
            return nil
        }
        return span
    }

    /// A resource's name, checked by the operation that will create it.
    private mutating func name(_ value: JSON?, of operation: String, at path: String) -> String? {
        guard let name = check.string(value, at: "\(path).name") else { return nil }
        let faults = PersonalizeService.faults(in: ["name": .string(name)], of: operation)
        for fault in faults where fault.path == "name" { refuse(fault, at: path) }
        return name
    }

    /// A fault of a request in the words of a file: `solution.name "…" must …`.
    private mutating func refuse(_ fault: InputFault, at path: String) {
        let place = ConfigurationReader.join(path, fault.path)
        guard let value = fault.value else {
            return check.refuse(place, "is missing; it is required")
        }
        let constraint = fault.constraint.replacing("Member must", with: "must")
        check.refuse(place, "\"\(value)\" \(constraint)")
    }
}
