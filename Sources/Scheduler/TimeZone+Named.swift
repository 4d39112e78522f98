public import Foundation

extension TimeZone {
    /// The IANA time zone of a name such as `Europe/Berlin`.
    ///
    /// Throws a `ValidationException` with the nearest known name when there is none; abbreviations and offsets
    /// (`CET+1`) are no names.
    public init(named name: String) throws(SchedulerError) {
        guard Self.mayBeName(name), let zone = TimeZone(identifier: name) else {
            throw SchedulerError(
                .validation,
                "timezone \"\(name)\" is not a known IANA time zone\(Self.remedy(for: name))"
            )
        }
        self = zone
    }

    private static func mayBeName(_ name: String) -> Bool {
        if ["UTC", "GMT"].contains(name) { return true }
        return name.contains("/") && !name.hasPrefix("/") && name.utf8.allSatisfy { $0 > 32 && $0 < 127 }
    }

    private static func remedy(for name: String) -> String {
        guard let nearest = nearestName(to: name) else { return ", write one such as \"Europe/Berlin\" or \"UTC\"" }
        return ", did you mean \"\(nearest)\"?"
    }

    private static func nearestName(to name: String) -> String? {
        let wanted = name.lowercased().replacing(" ", with: "_")
        let known = TimeZone.knownTimeZoneIdentifiers + ["UTC"]
        if let exact = known.first(where: { $0.lowercased() == wanted }) { return exact }
        let byCity = known.first { $0.lowercased().split(separator: "/").last.map(String.init) == wanted }
        if let byCity { return byCity }
        let ranked = known.map { (name: $0, distance: editDistance($0.lowercased(), wanted)) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= min(3, wanted.utf8.count - 1)
        else { return nil }
        return best.name
    }

    private static func editDistance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (i, a) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substituted = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, min(row[j], diagonal) + 1)
            }
        }
        return row[right.count]
    }
}
