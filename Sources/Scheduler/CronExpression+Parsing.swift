extension CronExpression {
    /// Reads the text between the parentheses of `cron(…)`.
    init(parsing text: Substring) throws(CronFault) {
        let fields = text.uppercased().split(whereSeparator: \.isWhitespace)
        guard fields.count == 6 else {
            let order = "minutes hours day-of-month month day-of-week year"
            throw CronFault(field: nil, text: "Should have 6 fields (\(order)), has \(fields.count)")
        }
        for (field, text) in [
            (CronField.minutes, fields[0]), (.hours, fields[1]), (.month, fields[3]), (.year, fields[5]),
        ] {
            try Self.refuseDaySigns(in: text, of: field)
        }
        minutes = BitSet(try CronField.minutes.values(of: fields[0]))
        hours = BitSet(try CronField.hours.values(of: fields[1]))
        isEveryHour = fields[1] == "*"
        months = BitSet(try CronField.month.values(of: fields[3]))
        days = try Self.days(ofMonth: fields[2], ofWeek: fields[4])
        chosenYears = Set(try CronField.year.values(of: fields[5])).sorted()
    }

    private static func refuseDaySigns(in text: Substring, of field: CronField) throws(CronFault) {
        guard text.contains("?") || text.contains("#") else { return }
        throw field.fault("\"\(text)\" uses a sign of the day fields, write * for every value")
    }

    private static func days(ofMonth: Substring, ofWeek: Substring) throws(CronFault) -> Days {
        switch (ofMonth == "?", ofWeek == "?") {
        case (false, true): return .ofMonth(try DaysOfMonth(parsing: ofMonth))
        case (true, false): return .ofWeek(try DaysOfWeek(parsing: ofWeek))
        case (false, false):
            let rule = "Do not specify day-of-month and day-of week in the same cron expression"
            throw CronFault(field: nil, text: "\(rule), write ? for one of \"\(ofMonth)\" and \"\(ofWeek)\"")
        case (true, true):
            let fact = "day-of-month and day-of-week are both ?"
            throw CronFault(field: nil, text: "\(fact), write * for day-of-month to fire every day")
        }
    }
}

extension CronExpression.DaysOfMonth {
    fileprivate init(parsing text: Substring) throws(CronFault) {
        for term in try CronField.dayOfMonth.terms(of: text) { try add(term) }
    }

    private mutating func add(_ term: Substring) throws(CronFault) {
        let field = CronField.dayOfMonth
        if term == "L" {
            beforeLast.insert(0)
        } else if term == "LW" || term == "WL" {
            includesLastWeekday = true
        } else if term.hasPrefix("L-") {
            guard let offset = Int(term.dropFirst(2)), (1...30).contains(offset) else {
                throw field.fault("\"\(term)\" is not a day before the last, write L-1 to L-30")
            }
            beforeLast.insert(offset)
        } else if term.hasSuffix("W") {
            nearestWeekdays.insert(try field.value(term.dropLast(), in: term))
        } else {
            days.formUnion(BitSet(try field.values(ofTerm: term)))
        }
    }
}

extension CronExpression.DaysOfWeek {
    fileprivate init(parsing text: Substring) throws(CronFault) {
        let terms = try CronField.dayOfWeek.terms(of: text)
        if terms.count > 1, let term = terms.first(where: { $0.contains("#") }) {
            throw CronField.dayOfWeek.fault("\"\(term)\" cannot be part of a list, make a schedule for each")
        }
        for term in terms { try add(term) }
    }

    private mutating func add(_ term: Substring) throws(CronFault) {
        let field = CronField.dayOfWeek
        if term == "L" {
            days.insert(7)
        } else if let hash = term.firstIndex(of: "#") {
            guard let occurrence = Int(term[term.index(after: hash)...]), (1...5).contains(occurrence) else {
                throw field.fault("\"\(term)\" names no week of the month, write #1 to #5 after the day")
            }
            nth = Nth(weekday: try field.value(term[..<hash], in: term), occurrence: occurrence)
        } else if term.hasSuffix("L"), term.utf8.count > 1 {
            last.insert(try field.value(term.dropLast(), in: term))
        } else {
            days.formUnion(BitSet(try field.values(ofTerm: term)))
        }
    }
}
