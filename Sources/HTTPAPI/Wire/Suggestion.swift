internal import JSON

/// The name that a mistyped one was probably meant to be.
enum Suggestion {
    /// `, did you mean "…"?`, or nothing when no name is near.
    static func clause(for name: String, among names: some Sequence<String>) -> String {
        NearestName.find(name, among: names).map { ", did you mean \"\($0)\"?" } ?? ""
    }
}
