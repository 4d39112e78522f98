/// Finds the files of a bucket; supplied by whoever knows where buckets lie.
public protocol ObjectSource: Sendable {
    /// The CSV files at a location, in the order of their names.
    ///
    /// - Parameter location: A folder, `s3://bucket/folder/`, or one file, `s3://bucket/folder/file.csv`.
    /// - Returns: The paths of the files; empty when the location holds none.
    /// - Throws: When the location does not exist or cannot be read.
    func csvFiles(at location: String) throws -> [String]
}
