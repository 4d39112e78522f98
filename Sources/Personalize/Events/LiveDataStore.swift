public import JSON

/// Where records are kept that were put into datasets one by one, until they are part of a snapshot.
///
/// Every function is one transaction.
public protocol LiveDataStore: Sendable {
    /// Saves what one request puts into a dataset; records whose id the dataset has had already are left out.
    ///
    /// - Parameter batch: The records; its sequence is not looked at.
    /// - Returns: What was saved, once it is on disk, with its place in the order of all batches.
    /// - Throws: `PersonalizeConflict.parentMissing` when the dataset is gone; any other error when saving failed.
    func append(_ batch: LiveBatch) async throws -> LiveBatch

    /// What was put into a dataset and is in none of its snapshots, oldest first.
    ///
    /// - Parameters:
    ///   - datasetArn: The dataset.
    ///   - sequence: Only what came after this place.
    ///   - limit: At most so many batches.
    /// - Returns: The batches.
    /// - Throws: When reading failed.
    func liveBatches(of datasetArn: String, after sequence: Int64, limit: Int) async throws -> [LiveBatch]

    /// The place of the last of a dataset's batches that are in none of its snapshots.
    ///
    /// - Parameter datasetArn: The dataset.
    /// - Returns: The place; 0 when there are none.
    /// - Throws: When reading failed.
    func lastSequence(of datasetArn: String) async throws -> Int64
}

/// What one request puts into a dataset.
public struct LiveBatch: Sendable, Equatable {
    /// Its place in the order of all batches; the store numbers it, from 1.
    public var sequence: Int64
    /// The dataset.
    public var datasetArn: String
    /// The records, in the order of the request.
    public var records: [LiveRecord]

    /// A batch.
    public init(sequence: Int64 = 0, datasetArn: String, records: [LiveRecord]) {
        self.sequence = sequence
        self.datasetArn = datasetArn
        self.records = records
    }
}

/// A record that was put into a dataset.
public struct LiveRecord: Sendable, Equatable {
    /// What its sender calls it.
    ///
    /// A second record of this id is dropped; records without one are all kept.
    public var id: String?
    /// The session of an event.
    public var session: String?
    /// Who is credited with an event.
    public var source: String?
    /// The id of the recommendations an event followed.
    public var recommendation: String?
    /// The values as a CSV file would have them, by column; columns without a value are missing.
    public var fields: JSONObject

    /// A record.
    public init(
        id: String? = nil,
        session: String? = nil,
        source: String? = nil,
        recommendation: String? = nil,
        fields: JSONObject
    ) {
        self.id = id
        self.session = session
        self.source = source
        self.recommendation = recommendation
        self.fields = fields
    }
}
