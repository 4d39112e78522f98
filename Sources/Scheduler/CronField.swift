/// One of the five fields of numbers: what it may hold, and the reading of its lists, ranges and steps.
struct CronField {
    let name: String
    let range: ClosedRange<Int>
    /// Names for the numbers from `range.lowerBound` on.
    var names: [String] = []
    /// Whether a range may run over the end, as `FRI-MON`.
    var wraps = true

    static let minutes = CronField(name: "minutes", range: 0...59)
    static let hours = CronField(name: "hours", range: 0...23)
    static let dayOfMonth = CronField(name: "day-of-month", range: 1...31)
    static let month = CronField(
        name: "month",
        range: 1...12,
        names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    )
    static let dayOfWeek = CronField(
        name: "day-of-week",
        range: 1...7,
        names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
    )
    static let year = CronField(name: "year", range: CronExpression.years, wraps: false)

    /// The values of a whole field: terms divided by commas.
    func values(of text: Substring) throws(CronFault) -> [Int] {
        var values: [Int] = []
        for term in try terms(of: text) { values += try self.values(ofTerm: term) }
        return values
    }

    /// The terms of a list, none of them empty.
    func terms(of text: Substring) throws(CronFault) -> [Substring] {
        let terms = text.split(separator: ",", omittingEmptySubsequences: false)
        if terms.contains(where: \.isEmpty) {
            throw fault("\"\(text)\" has an empty place in its list, write the values as in \"1,2,3\"")
        }
        return terms
    }

    /// The values of one term: `*`, `5`, `1-5`, each with or without `/step`.
    func values(ofTerm term: Substring) throws(CronFault) -> [Int] {
        let parts = term.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let step = parts.count == 2 ? try self.step(parts[1], in: term) : nil
        let base = parts[0]
        if base == "*" { return Array(stride(from: range.lowerBound, through: range.upperBound, by: step ?? 1)) }
        let ends = base.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = try value(ends[0], in: term)
        if ends.count == 2 { return try span(from: first, to: value(ends[1], in: term), step: step ?? 1, in: term) }
        guard let step else { return [first] }
        return Array(stride(from: first, through: range.upperBound, by: step))
    }

    /// One value, as a number or a name.
    func value(_ text: Substring, in term: Substring) throws(CronFault) -> Int {
        if let index = names.firstIndex(of: String(text)) { return range.lowerBound + index }
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text) else {
            let place = text == term ? "" : " in \"\(term)\""
            throw fault("\"\(text)\"\(place) is not a value, write \(expectation)")
        }
        guard range.contains(value) else {
            throw fault("\"\(text)\" is outside \(range.lowerBound)-\(range.upperBound)\(hint(for: value))")
        }
        return value
    }

    func fault(_ text: String) -> CronFault { CronFault(field: name, text: text) }

    private func span(from first: Int, to last: Int, step: Int, in term: Substring) throws(CronFault) -> [Int] {
        if first <= last { return Array(stride(from: first, through: last, by: step)) }
        guard wraps else { throw fault("\"\(term)\" runs backwards, write the smaller value first") }
        let size = range.count
        return stride(from: first, through: last + size, by: step).map { value in
            value > range.upperBound ? value - size : value
        }
    }

    private func step(_ text: Substring, in term: Substring) throws(CronFault) -> Int {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let step = Int(text), step > 0 else {
            throw fault("step \"\(text)\" in \"\(term)\" is not a number of at least 1")
        }
        let largest = range.upperBound - range.lowerBound + (range.lowerBound == 0 ? 0 : 1)
        guard step <= largest else {
            throw fault("step \"\(text)\" in \"\(term)\" is larger than \(largest), leave it out to fire once")
        }
        return step
    }

    private func hint(for value: Int) -> String {
        switch (name, value) {
        case ("day-of-week", 0): ", Sunday is 1 or SUN"
        case ("hours", 24): ", midnight is 0"
        case ("minutes", 60): ", the full hour is 0"
        default: ""
        }
    }

    private var expectation: String {
        let numbers = "\(range.lowerBound)-\(range.upperBound)"
        guard let first = names.first, let last = names.last else { return "a number in \(numbers)" }
        return "a number in \(numbers) or a name in \(first)-\(last)"
    }
}

/// What is wrong with a cron expression, and in which field.
struct CronFault: Error {
    let field: String?
    let text: String
}
