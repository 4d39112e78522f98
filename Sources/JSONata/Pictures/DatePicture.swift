/// A picture of `$fromMillis` and `$toMillis`, as in chapter 9.8.4 of "XPath and XQuery Functions and Operators 3.1".
struct DatePicture {
    enum Part {
        case literal(String)
        case marker(Marker)
    }

    /// What stands in brackets.
    struct Marker {
        let component: Character
        /// How a name is written, where one is asked for.
        private(set) var names: IntegerPicture.Letters?
        var number: IntegerPicture?
        private(set) var maximumWidth: Int?
        /// How many digits of the year are shown, if not all.
        private(set) var yearDigits: Int?
        /// Whether UTC is shown as `Z`.
        private(set) var showsZ = false
    }

    let parts: [Part]

    /// What is shown without a picture, such as `2017-11-07T15:07:54.972Z`.
    static let iso8601 = try? DatePicture("[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]")

    init(_ text: String) throws(PictureFault) {
        let scalars = Array(text.unicodeScalars)
        var parts: [Part] = []
        var index = 0
        var start = 0
        while index < scalars.count {
            guard scalars[index] == "[" else {
                index += 1
                continue
            }
            parts.addLiteral(scalars[start..<index])
            if index + 1 < scalars.count, scalars[index + 1] == "[" {
                parts.append(.literal("["))
                index += 2
            } else {
                guard let end = scalars[index...].firstIndex(of: "]") else {
                    throw PictureFault("D3135", "has a \"[\" without its \"]\"")
                }
                try parts.add(Marker(scalars[(index + 1)..<end].filter { !$0.properties.isWhitespace }))
                index = end + 1
            }
            start = index
        }
        parts.addLiteral(scalars[start...])
        self.parts = parts
    }
}

extension [DatePicture.Part] {
    fileprivate mutating func addLiteral(_ scalars: ArraySlice<Unicode.Scalar>) {
        guard !scalars.isEmpty else { return }
        append(.literal(String(scalars).replacing("]]", with: "]")))
    }

    /// Adds a marker; a number right before it is read with a width of its own.
    fileprivate mutating func add(_ marker: DatePicture.Marker) {
        if marker.number != nil, !marker.isZone, case .marker(var previous) = last, var number = previous.number {
            number.parsedWidth = number.mandatoryDigits
            previous.number = number
            self[count - 1] = .marker(previous)
        }
        append(.marker(marker))
    }
}

// MARK: - Reading markers

extension DatePicture.Marker {
    private static let defaults: [Character: String] = [
        "Y": "1", "M": "1", "D": "1", "d": "1", "F": "n", "W": "1", "w": "1", "X": "1", "x": "1", "H": "1", "h": "1",
        "P": "n", "m": "01", "s": "01", "f": "1", "Z": "01:01", "z": "01:01", "C": "n", "E": "n",
    ]

    var isZone: Bool { component == "Z" || component == "z" }

    private var isNumeric: Bool { "YMDdFWwXxHhmsf".contains(component) }

    fileprivate init(_ scalars: [Unicode.Scalar]) throws(PictureFault) {
        component = scalars.first.map(Character.init) ?? " "
        guard let usual = Self.defaults[component] else {
            throw PictureFault("D3132", "has the marker [\(String(scalars))], which stands for nothing")
        }
        var presentation = scalars.dropFirst()
        var minimumWidth: Int?
        if let comma = presentation.lastIndex(of: ",") {
            let widths = String(presentation[(comma + 1)...]).split(
                separator: "-",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            minimumWidth = Int(leadingIntegerOf: widths[0])
            maximumWidth = widths.count > 1 ? Int(leadingIntegerOf: widths[1]) : nil
            presentation = presentation[..<comma]
        }
        var first = String(presentation)
        var second = ""
        if presentation.count > 1, let last = presentation.last, "atco".unicodeScalars.contains(last) {
            first = String(presentation.dropLast())
            second = String(last)
        }
        if first.isEmpty { first = usual }
        try present(first, second, minimumWidth)
        showsZ = second == "t"
    }

    private mutating func present(_ first: String, _ second: String, _ minimumWidth: Int?) throws(PictureFault) {
        if first.hasPrefix("n") {
            names = .lower
        } else if first.hasPrefix("N") {
            names = first.hasPrefix("Nn") ? .title : .upper
        } else if isNumeric {
            var number = try IntegerPicture(second.isEmpty ? first : "\(first);\(second)")
            if case .digits = number.form, let minimumWidth {
                number.mandatoryDigits = max(minimumWidth, number.mandatoryDigits)
            }
            if component == "Y" { limitYear(&number) }
            self.number = number
        }
        if isZone { number = try IntegerPicture(first) }
    }

    private mutating func limitYear(_ number: inout IntegerPicture) {
        if let maximumWidth {
            yearDigits = maximumWidth
            number.mandatoryDigits = maximumWidth
        } else if case .digits = number.form, number.mandatoryDigits + number.optionalDigits >= 2 {
            yearDigits = number.mandatoryDigits + number.optionalDigits
        }
    }
}

extension Int {
    /// The width that a text begins with, if it does; at most four digits of it.
    fileprivate init?(leadingIntegerOf text: Substring) {
        self.init(text.prefix(4).prefix { ("0"..."9").contains($0) })
    }
}
