/// What kind of resource something is; the raw value is the word in its ARN.
public enum ResourceKind: String, Sendable, CaseIterable {
    case datasetGroup = "dataset-group"
    case schema
    case dataset
    case datasetImportJob = "dataset-import-job"
    case solution
    case solutionVersion = "solution-version"
    case campaign
    case eventTracker = "event-tracker"
    case filter
    case recommender
    case batchInferenceJob = "batch-inference-job"
    case batchSegmentJob = "batch-segment-job"
    case datasetExportJob = "dataset-export-job"
    case dataDeletionJob = "data-deletion-job"
    case metricAttribution = "metric-attribution"

    /// The word in the names of operations and in messages: `DatasetGroup`.
    var title: String {
        switch self {
        case .datasetGroup: "DatasetGroup"
        case .schema: "Schema"
        case .dataset: "Dataset"
        case .datasetImportJob: "DatasetImportJob"
        case .solution: "Solution"
        case .solutionVersion: "SolutionVersion"
        case .campaign: "Campaign"
        case .eventTracker: "EventTracker"
        case .filter: "Filter"
        case .recommender: "Recommender"
        case .batchInferenceJob: "BatchInferenceJob"
        case .batchSegmentJob: "BatchSegmentJob"
        case .datasetExportJob: "DatasetExportJob"
        case .dataDeletionJob: "DataDeletionJob"
        case .metricAttribution: "MetricAttribution"
        }
    }

    /// Whether it is work that ends, not something that lives on: it cannot be deleted by itself.
    var isJob: Bool {
        switch self {
        case .datasetImportJob, .batchInferenceJob, .batchSegmentJob, .datasetExportJob, .dataDeletionJob: true
        default: false
        }
    }

    /// Whether it answers requests for recommendations.
    var isServed: Bool { self == .campaign || self == .recommender }

    /// The member that holds the resource in the answer of `Describe…`: `datasetGroup`.
    var member: String { title.prefix(1).lowercased() + title.dropFirst() }

    /// The member that holds its ARN: `datasetGroupArn`.
    var arnMember: String { member + "Arn" }

    /// The member that holds its name.
    var nameMember: String { isJob ? "jobName" : "name" }

    /// The member that holds the summaries in the answer of `List…`; that of filters is written with a capital.
    var listMember: String { self == .filter ? "Filters" : member + "s" }

    /// The member that holds the latest update in the answer of `Describe…`; `nil` where updates are at once.
    var updateMember: String? {
        switch self {
        case .campaign, .recommender, .solution, .dataset: "latest\(title)Update"
        default: nil
        }
    }

    /// The member by which `List…` can be narrowed to one parent.
    var parentMember: String? {
        switch self {
        case .datasetGroup, .schema: nil
        case .dataset, .solution, .eventTracker, .filter, .recommender, .dataDeletionJob, .metricAttribution:
            "datasetGroupArn"
        case .datasetImportJob, .datasetExportJob: "datasetArn"
        case .solutionVersion, .campaign: "solutionArn"
        case .batchInferenceJob, .batchSegmentJob: "solutionVersionArn"
        }
    }

    /// The members `Describe…` shows, in order.
    var describedMembers: [String] {
        switch self {
        case .datasetGroup:
            ["name", arnMember, "status", "roleArn", "kmsKeyArn"] + Self.dates + ["failureReason", "domain"]
        case .schema: ["name", arnMember, "schema"] + Self.dates + ["domain"]
        case .dataset:
            ["name", arnMember, "datasetGroupArn", "datasetType", "schemaArn", "status"] + Self.dates
                + ["latestDatasetUpdate", "trackingId"]
        case .datasetImportJob:
            [
                "jobName", arnMember, "datasetArn", "dataSource", "roleArn", "status", "failureReason", "importMode",
                "publishAttributionMetricsToS3",
            ] + Self.dates
        case .solution:
            [
                "name", arnMember, "performHPO", "performAutoML", "performAutoTraining", "performIncrementalUpdate",
                "recipeArn", "datasetGroupArn", "eventType", "solutionConfig", "autoMLResult", "status",
                "latestSolutionVersion", "latestSolutionUpdate",
            ] + Self.dates
        case .solutionVersion:
            [
                "name", arnMember, "solutionArn", "performHPO", "performAutoML", "performIncrementalUpdate",
                "recipeArn", "eventType", "datasetGroupArn", "solutionConfig", "trainingHours", "trainingMode",
                "tunedHPOParams", "status", "failureReason", "trainingType",
            ] + Self.dates
        case .campaign:
            [
                "name", arnMember, "solutionVersionArn", "minProvisionedTPS", "campaignConfig", "status",
                "failureReason", "latestCampaignUpdate",
            ] + Self.dates
        case .eventTracker:
            ["name", arnMember, "accountId", "trackingId", "datasetGroupArn", "status"] + Self.dates
        case .filter:
            ["name", arnMember, "datasetGroupArn", "filterExpression", "status", "failureReason"] + Self.dates
        case .recommender:
            [
                "name", arnMember, "datasetGroupArn", "recipeArn", "recommenderConfig", "status", "failureReason",
                "latestRecommenderUpdate", "modelMetrics",
            ] + Self.dates
        case .batchInferenceJob:
            Self.batchMembers + [
                arnMember, "batchInferenceJobConfig", "batchInferenceJobMode", "themeGenerationConfig",
            ]
        case .batchSegmentJob: Self.batchMembers + [arnMember]
        case .datasetExportJob:
            ["jobName", arnMember, "datasetArn", "ingestionMode", "roleArn", "status", "jobOutput", "failureReason"]
                + Self.dates
        case .dataDeletionJob:
            [
                "jobName", arnMember, "datasetGroupArn", "dataSource", "roleArn", "status", "numDeleted",
                "failureReason",
            ] + Self.dates
        case .metricAttribution:
            ["name", arnMember, "datasetGroupArn", "metricsOutputConfig", "status", "failureReason"] + Self.dates
        }
    }

    /// The members `List…` shows of each resource, in order.
    var summaryMembers: [String] {
        switch self {
        case .datasetGroup: ["name", arnMember, "status"] + Self.dates + ["failureReason", "domain"]
        case .schema: ["name", arnMember] + Self.dates + ["domain"]
        case .dataset: ["name", arnMember, "datasetType", "status"] + Self.dates
        case .datasetImportJob: [arnMember, "jobName", "status"] + Self.dates + ["failureReason", "importMode"]
        case .solution: ["name", arnMember, "status"] + Self.dates + ["recipeArn"]
        case .solutionVersion:
            [arnMember, "status", "trainingMode", "trainingType"] + Self.dates + ["failureReason"]
        case .campaign: ["name", arnMember, "status"] + Self.dates + ["failureReason"]
        case .eventTracker: ["name", arnMember, "status"] + Self.dates
        case .filter: ["name", arnMember] + Self.dates + ["datasetGroupArn", "failureReason", "status"]
        case .recommender:
            ["name", arnMember, "datasetGroupArn", "recipeArn", "recommenderConfig", "status"] + Self.dates
        case .batchInferenceJob:
            [arnMember, "jobName", "status"] + Self.dates
                + ["failureReason", "solutionVersionArn", "batchInferenceJobMode"]
        case .batchSegmentJob:
            [arnMember, "jobName", "status"] + Self.dates + ["failureReason", "solutionVersionArn"]
        case .datasetExportJob: [arnMember, "jobName", "status"] + Self.dates + ["failureReason"]
        case .dataDeletionJob:
            [arnMember, "datasetGroupArn", "jobName", "status"] + Self.dates + ["failureReason"]
        case .metricAttribution: ["name", arnMember, "status"] + Self.dates + ["failureReason"]
        }
    }

    private static let batchMembers =
        [
            "jobName", "solutionVersionArn", "filterArn", "numResults", "jobInput", "jobOutput", "roleArn", "status",
            "failureReason",
        ] + dates

    private static let dates = ["creationDateTime", "lastUpdatedDateTime"]
}
