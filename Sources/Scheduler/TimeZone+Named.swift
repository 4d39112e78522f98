public import Foundation
internal import JSON

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
        return NearestName.find(name, among: known)
    }
}
