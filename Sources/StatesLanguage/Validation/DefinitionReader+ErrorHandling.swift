import JSON

extension DefinitionReader {
    /// Reads `Retry` and `Catch`.
    mutating func errorHandling(_ fields: Fields) -> ErrorHandling {
        var handling = ErrorHandling()
        let retriers = objects("Retry", in: fields) ?? []
        for (index, entry) in retriers.enumerated() {
            if let retrier = retrier(entry, isLast: index == retriers.count - 1) { handling.retriers.append(retrier) }
        }
        let catchers = objects("Catch", in: fields) ?? []
        for (index, entry) in catchers.enumerated() {
            if let catcher = catcher(entry, isLast: index == catchers.count - 1) { handling.catchers.append(catcher) }
        }
        if handling.catchers.count < fields.object["Catch"]?.array?.count ?? 0 { hasUnknownTargets = true }
        return handling
    }

    private mutating func retrier(_ fields: Fields, isLast: Bool) -> Retrier? {
        checkNames(
            of: fields,
            known: [
                "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy",
                "Comment",
            ]
        )
        let errors = errorEquals(fields, isLast: isLast)
        let interval = integer("IntervalSeconds", in: fields, in: 0...99_999_999)
        let maximum = integer("MaxDelaySeconds", in: fields, in: 1...31_622_400)
        if let maximum, maximum <= interval ?? 1 {
            report(fields.place("MaxDelaySeconds"), "MaxDelaySeconds must be greater than IntervalSeconds")
        }
        let rate = number("BackoffRate", in: fields, in: 1...Double.greatestFiniteMagnitude)
        let attempts = integer("MaxAttempts", in: fields, in: 0...99_999_999)
        let jitter = choice("JitterStrategy", of: ["NONE", "FULL"], in: fields)
        guard let errors else { return nil }
        return Retrier(
            errorEquals: errors,
            intervalSeconds: interval ?? 1,
            backoffRate: rate ?? 2,
            maxAttempts: attempts ?? 3,
            maxDelaySeconds: maximum,
            hasFullJitter: jitter == "FULL"
        )
    }

    private mutating func catcher(_ fields: Fields, isLast: Bool) -> Catcher? {
        checkNames(of: fields, known: ["ErrorEquals", "ResultPath", "Output", "Assign", "Next", "Comment"])
        let errors = errorEquals(fields, isLast: isLast)
        checkRequired(["Next"], in: fields)
        let resultPath = resultPath(in: fields)
        let assign = assign(in: fields, seeing: .errorOutput)
        let output = jsonataTemplate("Output", in: fields, seeing: .errorOutput)
        guard let errors, let next = string("Next", in: fields) else { return nil }
        return Catcher(errorEquals: errors, resultPath: resultPath, next: next, assign: assign, output: output)
    }

    private mutating func errorEquals(_ fields: Fields, isLast: Bool) -> [String]? {
        checkRequired(["ErrorEquals"], in: fields)
        guard let value = fields.object["ErrorEquals"] else { return nil }
        let place = fields.place("ErrorEquals")
        guard let names = value.array?.compactMap(\.string), names.count == value.array?.count else {
            report(place, "Expected value of type Array of String")
            return nil
        }
        if names.isEmpty { report(place, Self.empty) }
        if names.contains(StatesError.all), names.count > 1 || !isLast {
            report(place, "States.ALL must appear alone and at end of list")
        }
        for name in names where name.hasPrefix("States.") && !StatesError.reservedNames.contains(name) {
            report(
                place,
                "\"\(name)\" is not an error name of the language",
                severity: .warning,
                remedy: suggestion(for: name, among: StatesError.reservedNames.sorted())
            )
        }
        return names
    }
}
