/// An operation as the manual lists it.
public struct OperationDescription: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// The path of its own that it is called at; `nil` when it is named by the header `X-Amz-Target`.
    public let path: String?
    /// What is more, less or other than on AWS; empty where nothing is.
    public let note: String
}

extension PersonalizeService {
    /// Every operation of the service, its runtime and its events API, by name.
    public static var operations: [OperationDescription] {
        let named = operationNames.map { OperationDescription(name: $0, path: nil, note: OperationNotes.all[$0] ?? "") }
        let pathed = OperationNotes.paths.map { name, path in
            OperationDescription(name: name, path: path, note: OperationNotes.all[name] ?? "")
        }
        return named + pathed.sorted { $0.name < $1.name }
    }
}

/// What the manual says of operations beside their names.
enum OperationNotes {
    /// The operations that have a path of their own.
    static let paths = [
        "GetPersonalizedRanking": "/personalize-ranking", "GetRecommendations": "/recommendations",
        "PutActionInteractions": "/action-interactions", "PutActions": "/actions", "PutEvents": "/events",
        "PutItems": "/items", "PutUsers": "/users",
    ]

    /// What is more, less or other than on AWS, by operation.
    static let all = [
        "CreateCampaign": "`minProvisionedTPS` is kept, nothing is provisioned",
        "CreateDatasetGroup": "`roleArn` and `kmsKeyArn` are kept, nothing is encrypted",
        "CreateDatasetImportJob":
            "`s3://` names a watched directory; columns in any order; all faults of the files at once",
        "CreateEventTracker": "one a group, as there",
        "CreateFilter": "applies at once, and to what is put from then on",
        "CreateMetricAttribution":
            "`millrace metrics` in place of CloudWatch; windows of events are files of the bucket too",
        "CreateSolution": "recipes of ours besides: `millrace-svd`, `millrace-neighbors`",
        "DeleteDatasetGroup": "`millrace delete` removes all that is in the group first",
        "DescribeSolutionVersion": "`Millrace.GetProgress` tells how far a training has come",
        "DescribeDatasetImportJob": "`Millrace.GetProgress` tells how far an import has come",
        "GetRecommendations": "`Millrace.GetItemMetadata` gives all columns of items",
        "ListRecipes": "those of ours too",
        "PutActionInteractions": "on disk when answered",
        "PutActions": "on disk when answered",
        "PutEvents": "on disk when answered, and known to the next recommendation; no limit of rate",
        "PutItems": "on disk when answered; replaces the whole item at once",
        "PutUsers": "on disk when answered; replaces the whole user at once",
        "StopSolutionVersionCreation": "a training ends at its next round",
        "UpdateMetricAttribution": "takes effect at once; events so far count by the metrics as they were",
    ]
}
