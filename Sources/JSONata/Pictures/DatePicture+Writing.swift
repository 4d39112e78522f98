import Glibc

extension DatePicture {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    /// A moment as clocks show it that are so many minutes ahead of UTC.
    func text(ofMilliseconds milliseconds: Double, offset: Int = 0) throws(PictureFault) -> String {
        guard milliseconds.magnitude <= 8.64e15 else {
            throw PictureFault("D3110", "cannot show a time more than 100 million days from 1970")
        }
        let time = CivilTime(milliseconds: Int(milliseconds) + offset * 60_000)
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .marker(let marker): text += try marker.text(of: time, offset)
            }
        }
        return text
    }
}

extension DatePicture.Marker {
    fileprivate func text(of time: CivilTime, _ offset: Int) throws(PictureFault) -> String {
        switch component {
        case "Z", "z": return try zone(offset)
        case "P":
            let half = time.hour >= 12 ? "pm" : "am"
            return names == .upper ? half.uppercased() : half
        case "C", "E": return "ISO"
        default: break
        }
        if names != nil { return try name(time) }
        guard let number else { throw noName }
        var value = Double(self.value(of: time) ?? 0)
        if let yearDigits { value.formTruncatingRemainder(dividingBy: pow(10, Double(yearDigits))) }
        return try number.text(of: value)
    }

    /// The number of a component.
    func value(of time: CivilTime) -> Int? { Self.value(component, of: time) }

    static func value(_ component: Character, of time: CivilTime) -> Int? {
        switch component {
        case "Y": time.year
        case "M": time.month
        case "D": time.day
        case "d": time.dayOfYear
        case "F": time.weekday
        case "W": time.weekOfYear
        case "w": time.weekOfMonth
        case "X": time.yearOfWeek
        case "x": time.monthOfWeek
        case "H": time.hour
        case "h": (time.hour + 11) % 12 + 1
        case "m": time.minute
        case "s": time.second
        case "f": time.millisecond
        default: nil
        }
    }

    var noName: PictureFault { PictureFault("D3133", "asks for a name of [\(component)], which has none") }

    /// All names of the component with the number of each, as short as the marker wants them.
    var allNames: [(name: String, number: Int)]? {
        let names: [String]
        switch component {
        case "M", "x": names = DatePicture.months
        case "F": names = DatePicture.days
        default: return nil
        }
        return names.enumerated().map { (String($1.prefix(maximumWidth ?? .max)), $0 + 1) }
    }

    private func name(_ time: CivilTime) throws(PictureFault) -> String {
        guard let allNames, let value = value(of: time) else { throw noName }
        let name = allNames[value - 1].name
        return switch names {
        case .upper: name.uppercased()
        case .lower: name.lowercased()
        default: name
        }
    }

    private func zone(_ offset: Int) throws(PictureFault) -> String {
        guard let number else { throw PictureFault("D3134", "has a time zone of no digits") }
        if offset == 0, showsZ { return "Z" }
        let clock = Double(offset / 60 * 100 + offset % 60)
        var text: String
        if number.regularGroup > 0 {
            text = try number.text(of: clock)
        } else {
            switch number.mandatoryDigits {
            case 1, 2:
                text = try number.text(of: Double(offset / 60))
                if offset % 60 != 0 { text += ":" + (try IntegerPicture("00").text(of: Double(abs(offset % 60)))) }
            case 3, 4: text = try number.text(of: clock)
            case let digits: throw PictureFault("D3134", "has a time zone of \(digits) digits, it must be one to four")
            }
        }
        if offset >= 0 { text = "+" + text }
        return component == "z" ? "GMT" + text : text
    }
}
