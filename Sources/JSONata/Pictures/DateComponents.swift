/// The components of a moment that a text gave, to be made a whole.
struct DateComponents {
    private var values: [Character: Double]

    init(_ values: [Character: Double]) { self.values = values }

    private enum DateKind { case yearMonthDay, dayOfYear, week }

    /// Whether some of these components are given, and none of the others of its kind.
    private func has(only wanted: String, of kind: String) -> Bool {
        let given = kind.filter { values[$0].map { $0 != 0 && !$0.isNaN } ?? false }
        return !given.isEmpty && given.allSatisfy(wanted.contains)
    }

    private var dateKind: DateKind {
        let kind = "YXMxWwdD"
        if has(only: "YMD", of: kind) { return .yearMonthDay }
        if has(only: "Yd", of: kind) { return .dayOfYear }
        return has(only: "Xxw", of: kind) || has(only: "XW", of: kind) ? .week : .yearMonthDay
    }

    private var isTwelveHours: Bool {
        let kind = "PHhmsf"
        return !has(only: "Hmsf", of: kind) && has(only: "Phmsf", of: kind)
    }

    /// Fills in what is missing on both sides; a gap between is a fault.
    mutating func complete(_ call: Invocation) throws(JSONataError) {
        let kind = dateKind
        let isTwelveHours = isTwelveHours
        try fill(order(kind) + (isTwelveHours ? "Phmsf" : "Hmsf"), call)
        if kind == .week {
            throw call.fault(PictureFault("D3136", "reads weeks, from which no day is found"))
        }
        if isTwelveHours {
            let hour = values["h"] == 12 ? 0 : values["h"] ?? 0
            values["H"] = values["P"] == 1 ? hour + 12 : hour
        }
        guard kind == .dayOfYear, let day = values["d"] else { return }
        values["M"] = 1
        values["D"] = day
    }

    private func order(_ kind: DateKind) -> String {
        switch kind {
        case .yearMonthDay: "YMD"
        case .dayOfYear: "YD"
        case .week: has(only: "Xxw", of: "YXMxWwdD") ? "XxwF" : "XWF"
        }
    }

    private mutating func fill(_ order: String, _ call: Invocation) throws(JSONataError) {
        var hasStarted = false
        var hasEnded = false
        for component in order {
            if values[component] != nil {
                if hasEnded {
                    throw call.fault(PictureFault("D3136", "reads parts of a time that do not follow one another"))
                }
                hasStarted = true
            } else if hasStarted {
                values[component] = component == "M" || component == "D" ? 1 : 0
                hasEnded = true
            } else {
                values[component] = try current(component, call)
            }
        }
    }

    private func current(_ component: Character, _ call: Invocation) throws(JSONataError) -> Double {
        // An hour without its half of the day is one before noon.
        if component == "P" { return 0 }
        let time = CivilTime(milliseconds: Int(try call.now))
        return DatePicture.Marker.value(component, of: time).map(Double.init) ?? 0
    }

    /// Milliseconds since 1970; not a number if a component is none.
    var milliseconds: Double {
        func value(_ component: Character) -> Double { values[component] ?? 0 }
        var year = value("Y")
        if year >= 0, year <= 99 { year += 1_900 }
        let month = value("M") > 0 ? value("M") : 1
        guard year.magnitude < 1e6, month < 1e6 else { return .nan }
        let days = Double(CivilTime.days(year: Int(year), month: Int(month))) + value("D") - 1
        let minutes = (days * 24 + value("H")) * 60 + value("m") - (values["Z"] ?? values["z"] ?? 0)
        return (minutes * 60 + value("s")) * 1_000 + value("f")
    }
}
