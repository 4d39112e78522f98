/// Finds the files of a bucket, and says where new ones go; supplied by whoever knows where buckets lie.
public protocol ObjectSource: Sendable {
    /// The files directly in a folder, or the one that a location names, in the order of their names.
    ///
    /// - Parameters:
    ///   - location: A folder, `s3://bucket/folder/`, or one file, `s3://bucket/folder/file.csv`.
    ///   - suffix: How a file's name must end, in lower case; every file when empty.
    /// - Returns: The paths of the files; empty when the location holds none.
    /// - Throws: When the location does not exist or cannot be read.
    func files(at location: String, suffix: String) throws -> [String]

    /// Where the file of a location is to be written; the folders above it are made.
    ///
    /// - Parameter location: A file, `s3://bucket/folder/file.csv`.
    /// - Returns: Its path.
    /// - Throws: When the location does not exist or cannot be written.
    func writablePath(of location: String) throws -> String
}

extension ObjectSource {
    /// The CSV files at a location, of which there must be one.
    func csvFiles(at location: String) throws(TrainingRefusal) -> [String] {
        guard let paths = try? files(at: location, suffix: ".csv"), !paths.isEmpty else {
            throw TrainingRefusal("Invalid Data location.")
        }
        return paths
    }
}
