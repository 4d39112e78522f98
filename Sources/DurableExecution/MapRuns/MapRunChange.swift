public import FoundationEssentials
public import StatesLanguage

/// What a step of an execution does to its Map Runs.
public enum MapRunChange: Sendable {
    /// A Map Run begins.
    case begin(MapRun, MapRunRequest)
    /// The Map Run of an id runs again what did not succeed.
    case redrive(requestID: Int, at: Date)
    /// The Map Run of an id ends, unless it has.
    case end(requestID: Int, MapRun.Status, at: Date)
}
