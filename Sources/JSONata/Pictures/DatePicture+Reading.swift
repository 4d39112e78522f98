extension DatePicture {
    /// The moment in milliseconds that a text in this picture means; `nil` if it does not fit.
    ///
    /// What the picture lacks before its most significant component is taken from the time of the evaluation, what it
    /// lacks after the least significant one is the least there is.
    func milliseconds(in text: String, _ call: Invocation) throws(JSONataError) -> Double? {
        guard let groups = try match(text, call) else { return nil }
        var found: [Character: Double] = [:]
        var isEmpty = true
        for (part, group) in zip(parts, groups) {
            guard case .marker(let marker) = part else { continue }
            isEmpty = false
            do { found[marker.component] = try marker.value(in: group) } catch { throw call.fault(error) }
        }
        if isEmpty { return nil }
        var components = DateComponents(found)
        try components.complete(call)
        return components.milliseconds
    }

    /// The texts of the parts, if all fit.
    private func match(_ text: String, _ call: Invocation) throws(JSONataError) -> [String]? {
        var pattern = "^"
        do {
            for part in parts { pattern += "(" + (try part.pattern) + ")" }
        } catch {
            throw call.fault(error)
        }
        guard let expression = try? RegularExpression(pattern + "$", flags: "i") else { return nil }
        let units = Array(text.utf16)
        let match = try call.evaluator.firstMatch(of: expression, in: units, from: 0, call.site.position)
        return match?.groups.map { $0.map { String(decoding: units[$0], as: UTF16.self) } ?? "" }
    }
}

extension DatePicture.Part {
    /// The expression that the part of a text must match.
    fileprivate var pattern: String {
        get throws(PictureFault) {
            switch self {
            case .literal(let text): RegularExpression.escaped(text)
            case .marker(let marker): try marker.pattern
            }
        }
    }
}

extension DatePicture.Marker {
    fileprivate var pattern: String {
        get throws(PictureFault) {
            if isZone {
                let separator = zoneSeparator.map { RegularExpression.escaped($0) + "[0-9]+" } ?? ""
                return (component == "z" ? "GMT" : "") + "[-+][0-9]+" + separator
            }
            if let number { return try number.pattern }
            guard allNames != nil || component == "P" else { throw noName }
            return "[a-zA-Z]+"
        }
    }

    private var zoneSeparator: String? { number.flatMap { $0.regularGroup > 0 ? $0.separators.first?.text : nil } }

    /// The value of a component in its text.
    fileprivate func value(in text: String) throws(PictureFault) -> Double? {
        if isZone { return zoneMinutes(text) }
        if let number {
            guard component == "f" else { return try number.number(in: text) }
            return fraction(text, number)
        }
        if component == "P" { return ["am": 0, "AM": 0, "pm": 1, "PM": 1][text] }
        return allNames?.first { $0.name == text }.map { Double($0.number) }
    }

    /// Milliseconds from the digits after the point of the seconds.
    private func fraction(_ text: String, _ number: IntegerPicture) -> Double? {
        guard case .digits = number.form else { return try? number.number(in: text) }
        let digits = number.plainDigits(of: text).prefix(3)
        return Double(digits + String(repeating: "0", count: 3 - digits.count))
    }

    private func zoneMinutes(_ text: String) -> Double {
        let zone = component == "z" ? text.dropFirst(3) : Substring(text)
        if let separator = zoneSeparator, let range = zone.firstRange(of: separator) {
            return Self.minutes(zone[..<range.lowerBound], zone[range.upperBound...])
        }
        if zone.count <= 3 { return Self.minutes(zone, "") }
        return Self.minutes(zone.prefix(3), zone.dropFirst(3))
    }

    /// Minutes have the sign of the hours, also where those are zero.
    private static func minutes(_ hours: Substring, _ minutes: Substring) -> Double {
        let rest = Double(minutes) ?? 0
        return (Double(hours) ?? 0) * 60 + (hours.hasPrefix("-") ? -rest : rest)
    }
}
