/// Which objects of a bucket are configurations, and which ask for a batch job.
///
/// | Key | What it starts |
/// | --- | --- |
/// | `params.json` at the root or in any folder | the run of a configuration of any shape |
/// | `train/….json`, at any depth | the same |
/// | `batch/GROUP/SOLUTION/job_config.json` | the batch jobs of that solution, with this file as input |
public enum ConfigurationFile {
    /// What the drop of an object asks for.
    enum Purpose: Equatable {
        /// To deploy what it says.
        case configuration
        /// To answer the questions in it.
        case batch(group: String, solution: String)
    }

    static let batchFileName = "job_config.json"

    /// Whether an object of this key starts something when it is dropped.
    ///
    /// - Parameter key: The object's key.
    /// - Returns: Whether it does.
    public static func isDrop(_ key: String) -> Bool { purpose(of: key) != nil }

    /// Whether an object of this key is a configuration.
    ///
    /// - Parameter key: The object's key.
    /// - Returns: Whether it is.
    public static func isConfiguration(_ key: String) -> Bool { purpose(of: key) == .configuration }

    /// What an object of this key asks for; `nil` when it is data or something else.
    static func purpose(of key: String) -> Purpose? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 4, parts[0] == "batch", parts[3] == batchFileName {
            return .batch(group: parts[1], solution: parts[2])
        }
        if isParams(key) { return .configuration }
        return parts.count > 1 && parts[0] == "train" && key.hasSuffix(".json") ? .configuration : nil
    }

    /// Whether a key is that of a `params.json`.
    static func isParams(_ key: String) -> Bool {
        key == ParamsFile.fileName || key.hasSuffix("/\(ParamsFile.fileName)")
    }

    /// The folder in which the questions of a solution's batch jobs lie and to which their answers go.
    static func batchFolder(group: String, solution: String) -> String { "batch/\(group)/\(solution)/" }
}
