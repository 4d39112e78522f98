/// Makes the names of resources in this region and account.
struct ARN: Sendable {
    let region: String
    let account: String

    /// The ARN of a resource by its path: `arn:aws:personalize:us-east-1:000000000000:solution/films`.
    func of(_ kind: ResourceKind, _ path: String) -> String {
        let word = kind == .solutionVersion ? ResourceKind.solution.rawValue : kind.rawValue
        return "arn:aws:personalize:\(region):\(account):\(word)/\(path)"
    }

    /// The part after the kind: `films/1a2b3c4d` of a version, the name of anything else.
    static func path(of arn: String) -> Substring {
        guard let slash = arn.firstIndex(of: "/") else { return arn[...] }
        return arn[arn.index(after: slash)...]
    }

    /// Whether an ARN is of a recommender, or of what belongs to one.
    static func isRecommender(_ arn: String) -> Bool {
        let text = arn.utf8
        guard let colon = text.lastIndex(of: UInt8(ascii: ":")) else { return arn.hasPrefix(recommenderPath) }
        return text[text.index(after: colon)...].starts(with: recommenderPath.utf8)
    }

    private static let recommenderPath = "\(ResourceKind.recommender.rawValue)/"
    /// What every recipe's ARN begins with.
    static let recipePrefix = "arn:aws:personalize:::recipe/"
    /// What follows a solution's ARN to mean its newest version.
    static let latestSuffix = "/$LATEST"
}
