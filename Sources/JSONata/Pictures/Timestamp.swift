/// A moment written after ISO 8601, read as JavaScript's `Date.parse` reads it.
struct Timestamp {
    /// Milliseconds since 1970; not a number where a component is out of its range.
    let milliseconds: Double

    private static let form = try? RegularExpression(
        #"^(\d{4})(?:-([01]\d))?(?:-([0-3]\d))?(-[0-3]\d)*"#
            + #"(?:T([0-2]\d):([0-5]\d):([0-5]\d))?(\.\d+)?(Z|[+-][0-2]\d:?[0-5]\d)?$"#,
        flags: ""
    )

    /// Nothing, if the text has not the form of a time.
    init?(parsing text: String) {
        let units = Array(text.utf16)
        var budget = RegexMatcher.Budget(maximumSteps: 100_000, isOutOfTime: nil)
        guard let match = try? Self.form?.firstMatch(in: units, from: 0, &budget) else { return nil }
        let groups = match.groups.map { $0.map { String(decoding: units[$0], as: UTF16.self) } }
        milliseconds = groups[3] == nil ? Self.milliseconds(groups) ?? .nan : .nan
    }

    private static func milliseconds(_ groups: [String?]) -> Double? {
        let numbers = groups.map { $0.flatMap { Int($0) } }
        guard let year = numbers[0] else { return nil }
        let (month, day) = (numbers[1] ?? 1, numbers[2] ?? 1)
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        let midnight = Double(CivilTime.days(year: year, month: month) + day - 1) * 86_400_000
        guard let hour = numbers[4], let minute = numbers[5], let second = numbers[6] else {
            return groups[7] == nil && (groups[8] ?? "Z") == "Z" ? midnight : nil
        }
        let fraction = groups[7].map { "0\($0)" }.flatMap(Double.init) ?? 0
        let clock = hour * 3_600 + minute * 60 + second
        guard clock < 86_400 || clock == 86_400 && fraction < 0.001, let zone = minutes(groups[8] ?? "Z") else {
            return nil
        }
        return midnight + Double(clock) * 1_000 + (fraction * 1_000).rounded(.down) - Double(zone) * 60_000
    }

    /// `Z`, `+0100` or `+01:00`.
    private static func minutes(_ zone: String) -> Int? {
        guard zone != "Z", let digits = Int(zone.filter(\.isNumber)) else { return 0 }
        guard digits < 2_400 else { return nil }
        return (digits / 100 * 60 + digits % 100) * (zone.hasPrefix("-") ? -1 : 1)
    }
}
