internal import JSON

/// How the data of a dataset differs from what a version was trained on: a score a column, and for the users and items.
///
/// A score is a population stability index, but for the catalogue: there it is the share of items that are on one side
/// only.
struct DriftReport: Sendable {
    /// What was compared.
    enum Kind: String, Sendable {
        case categories, numbers
        /// Only whether there is a value.
        case presence
        case eventMix = "event mix"
        case catalogue
        case userActivity = "user activity"
    }

    /// One line of a report.
    struct Line: Sendable {
        let name: String
        let kind: Kind
        let score: Double
        /// In which way, in words.
        let remark: String
        var nulls: (reference: Double, current: Double)?
    }

    let rowCounts: (reference: Int, current: Int)
    /// The lines, the greatest score first.
    let lines: [Line]

    /// The greatest score of all.
    var score: Double { lines.first?.score ?? 0 }

    /// Compares two profiles of which the second is in the bins of the first.
    init(from reference: DatasetProfile, to current: DatasetProfile, _ type: DatasetType) {
        rowCounts = (reference.rowCount, current.rowCount)
        var lines: [Line] = []
        for name in Set(reference.columns.keys).union(current.columns.keys) {
            lines.append(Self.line(name, reference.columns[name], current.columns[name]))
        }
        if let old = reference.items, let new = current.items {
            let churn = old.churn(to: new)
            let remark = "\(Self.percent(churn.gone)) gone, \(Self.percent(churn.new)) new, of \(old.count)"
            lines.append(Line(name: "ITEM_ID", kind: .catalogue, score: churn.gone + churn.new, remark: remark))
        }
        if let old = reference.activity, let new = current.activity {
            var remark = Self.shift(old, new)
            if let before = reference.userCount, let now = current.userCount { remark += "; users \(before) → \(now)" }
            lines.append(Line(name: "USER_ID", kind: .userActivity, score: old.stability(of: new), remark: remark))
        }
        self.lines = lines.sorted { $0.score == $1.score ? $0.name < $1.name : $0.score > $1.score }
    }

    private static func line(_ name: String, _ old: ColumnProfile?, _ new: ColumnProfile?) -> Line {
        guard let old, let new else {
            let known = old ?? new ?? ColumnProfile(.presence)
            let score = known.emptied().stability(of: known)
            let fact = old == nil ? "new column" : "column is missing"
            return Line(name: name, kind: .presence, score: score, remark: fact)
        }
        // Bins differ only where a column has become another kind of thing.
        let isSame = old.bins == new.bins
        let score = isSame ? old.stability(of: new) : 1
        var line = Line(
            name: name,
            kind: kind(name, old.bins),
            score: score,
            remark: isSame ? shift(old, new) : "another type of column"
        )
        line.nulls = (old.nullShare, new.nullShare)
        return line
    }

    private static func kind(_ name: String, _ bins: ColumnProfile.Bins) -> Kind {
        switch bins {
        case .categories: name == "EVENT_TYPE" ? .eventMix : .categories
        case .numbers: .numbers
        case .presence: .presence
        }
    }

    /// The bin whose share has changed most, in words: `"drama" 12% → 31%`.
    private static func shift(_ old: ColumnProfile, _ new: ColumnProfile) -> String {
        let (before, now) = (shares(old), shares(new))
        let changes: [Double] = zip(before, now).map { abs($1 - $0) }
        guard let greatest = changes.max(), let place = changes.firstIndex(of: greatest) else { return "" }
        return "\(old.bins.name(of: place)) \(percent(before[place])) → \(percent(now[place]))"
    }

    /// The share of each bin, and of records without a value.
    private static func shares(_ profile: ColumnProfile) -> [Double] {
        let total = Double(max(1, profile.total))
        return (profile.counts + [profile.nulls]).map { Double($0) / total }
    }

    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }

    static func rounded(_ value: Double) -> JSON { .double((value * 10_000).rounded() / 10_000) }

    var json: JSON {
        [
            "score": Self.rounded(score),
            "rows": ["reference": JSON(rowCounts.reference), "current": JSON(rowCounts.current)],
            "columns": .array(lines.map(\.json)),
        ]
    }
}

extension DriftReport.Line {
    fileprivate var json: JSON {
        var json: JSON = [
            "name": .string(name), "kind": .string(kind.rawValue), "score": DriftReport.rounded(score),
            "remark": .string(remark),
        ]
        if let nulls {
            json["nullShare"] = [
                "reference": DriftReport.rounded(nulls.reference), "current": DriftReport.rounded(nulls.current),
            ]
        }
        return json
    }
}

extension ColumnProfile.Bins {
    /// A bin in words.
    fileprivate func name(of place: Int) -> String {
        guard place < count else { return "without a value" }
        switch self {
        case .categories(let names): return place < names.count ? "\"\(names[place].prefix(40))\"" : "other values"
        case .presence: return "with a value"
        case .numbers(let bounds):
            if bounds.isEmpty { return "with a value" }
            if place == 0 { return "up to \(Self.text(bounds[0]))" }
            let last = "above \(Self.text(bounds[place - 1]))"
            return place == bounds.count ? last : "\(last) up to \(Self.text(bounds[place]))"
        }
    }

    private static func text(_ bound: Double) -> String {
        let rounded = (bound * 100).rounded() / 100
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int64(rounded))" : "\(rounded)"
    }
}
