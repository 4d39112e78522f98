internal import JSON

/// How a configuration file is written.
///
/// | Shape | Solutions | Upkeep |
/// | --- | --- | --- |
/// | `sample` | one `solution` with one `campaign` | `schedules`, `notifications` (ours) |
/// | `sample2` | `solutions` and `campaigns`, objects by keys that belong together | the same |
/// | `mpe` | `solutions`, a list, each with `campaigns` and batch jobs; `recommenders` | `workflowConfig` where it applies |
public enum ConfigurationShape: String, Sendable, CaseIterable {
    /// The older file of AWS's sample.
    case sample
    /// The newer file of AWS's sample.
    case sample2
    /// The file of Maintaining Personalized Experiences with Machine Learning.
    case mpe

    /// The shape of a file, by what only one shape has; by its place where that does not tell.
    static func of(_ root: JSONObject, key: String) -> ConfigurationShape {
        let group = root["datasetGroup"]?.object
        let sections = root["datasets"]?.object
        let isNested =
            group.map { $0["serviceConfig"] != nil || $0["workflowConfig"] != nil } == true
            || sections.map { $0["serviceConfig"] != nil || $0.values.contains { $0["dataset"] != nil } } == true
        if isNested || root["solutions"]?.array != nil || root["recommenders"] != nil || root["tags"] != nil {
            return .mpe
        }
        if !ConfigurationFile.isParams(key), group?["name"] == nil { return .mpe }
        if root["solutions"] != nil || root["campaigns"] != nil { return .sample2 }
        return root["solution"] != nil || root["campaign"] != nil ? .sample : meant(by: root)
    }

    /// Which shape of the sample mistyped keys come nearest to.
    private static func meant(by root: JSONObject) -> ConfigurationShape {
        let plural = ["solutions", "campaigns"]
        let isPlural = root.keys.contains { key in
            NearestName.find(key, among: plural + ["solution", "campaign"]).map(plural.contains) == true
        }
        return isPlural ? .sample2 : .sample
    }
}
