internal import JSON
internal import Kernels

/// Adds up events by metric, source and window.
struct MetricTally {
    /// The value of a numeric column of an item.
    typealias ItemValue = @Sendable (_ item: String, _ column: String) -> Double?
    /// The campaign or recommender that an id of recommendations is of.
    typealias RecommendationSource = @Sendable (_ id: String) -> String?

    private struct Key: Hashable {
        let metric: Int
        let source: String
        let start: Int64
    }

    private let metrics: [AttributionMetric]
    private let itemValue: ItemValue
    private let recommendationSource: RecommendationSource
    private var totals: [Key: Double] = [:]

    init(_ metrics: [AttributionMetric], itemValue: @escaping ItemValue, source: @escaping RecommendationSource) {
        self.metrics = metrics
        self.itemValue = itemValue
        recommendationSource = source
    }

    /// Adds events that were put one by one.
    mutating func add(_ records: some Sequence<LiveRecord>) {
        for record in records {
            let fields = record.fields
            guard let time = fields["TIMESTAMP"]?.string.flatMap({ Int64($0) }) else { continue }
            let matching = metrics(ofType: fields["EVENT_TYPE"]?.string ?? "")
            guard !matching.isEmpty else { continue }
            let source = source(
                record.source ?? fields["EVENT_ATTRIBUTION_SOURCE"]?.string,
                record.recommendation ?? fields["RECOMMENDATION_ID"]?.string
            )
            let item = fields["ITEM_ID"]?.string
            add(matching, source, time, item: { item }) { fields[$0]?.string.flatMap(Double.init) }
        }
    }

    /// Adds the interactions of an import.
    mutating func add(_ snapshot: Snapshot) {
        guard let times = snapshot.integers("TIMESTAMP"), let (items, itemIDs) = snapshot.strings("ITEM_ID"),
            let (types, typeNames) = snapshot.strings("EVENT_TYPE")
        else { return }
        let matching = typeNames.strings.map(metrics(ofType:))
        let sources = TextColumn(snapshot, "EVENT_ATTRIBUTION_SOURCE")
        let recommendations = TextColumn(snapshot, "RECOMMENDATION_ID")
        for row in 0..<snapshot.rowCount {
            let type = types[row]
            guard type != SnapshotNull.code, !matching[Int(type)].isEmpty else { continue }
            let source = source(sources[row], recommendations[row])
            add(matching[Int(type)], source, times[row], item: { itemIDs[items[row]] }) {
                snapshot.column($0)?.value(at: row).double
            }
        }
    }

    /// What was added, as it is saved.
    func windows(of attributionArn: String, _ method: MetricWindow.Method) -> [MetricWindow] {
        totals.map { key, value in
            MetricWindow(
                attributionArn: attributionArn,
                start: key.start,
                method: method,
                metricName: metrics[key.metric].name,
                eventType: metrics[key.metric].eventType,
                expression: metrics[key.metric].text,
                source: key.source,
                value: value
            )
        }
    }

    private func metrics(ofType type: String) -> [Int] {
        let type = type.lowercased()
        return metrics.indices.filter { metrics[$0].eventType.lowercased() == type }
    }

    private func source(_ named: String?, _ recommendation: String?) -> String {
        if let named, !named.isEmpty { return named }
        return recommendation.flatMap(recommendationSource) ?? MetricWindow.unknownSource
    }

    private mutating func add(
        _ matching: [Int],
        _ source: String,
        _ time: Int64,
        item: () -> String?,
        value: (_ column: String) -> Double?
    ) {
        let start = MetricWindow.start(of: time)
        for metric in matching {
            let amount: Double? =
                switch metrics[metric].expression {
                case .sampleCount: 1
                case .sum(.items, let column): item().flatMap { itemValue($0, column) }
                case .sum(_, let column): value(column)
                }
            guard let amount, amount.isFinite else { continue }
            let key = Key(metric: metric, source: source, start: start)
            totals[key] = ((totals[key] ?? 0) + amount).clampedToFinite
        }
    }
}

extension Double {
    /// The nearest number that is finite: a sum too great for a number stays the greatest.
    fileprivate var clampedToFinite: Double { min(max(self, -Self.greatestFiniteMagnitude), .greatestFiniteMagnitude) }
}

/// The texts of a column that a snapshot may not have.
private struct TextColumn {
    private let codes: MappedArray<UInt32>
    private let texts: [String]

    init(_ snapshot: Snapshot, _ name: String) {
        let column = snapshot.strings(name)
        codes = column?.codes ?? MappedArray()
        texts = column?.dictionary.strings ?? []
    }

    subscript(row: Int) -> String? {
        row < codes.count && codes[row] != SnapshotNull.code ? texts[Int(codes[row])] : nil
    }
}
