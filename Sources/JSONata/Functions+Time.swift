import FoundationEssentials

extension Builtin {
    static let times: [Entry] = [
        ("now", "<s?s?:s>", now),
        ("millis", "<:n>", { (call) throws(JSONataError) in .number(try call.now) }),
        ("fromMillis", "<n-s?s?:s>", fromMillis),
        ("toMillis", "<s-s?:n>", toMillis),
    ]

    @Sendable private static func now(_ call: Invocation) throws(JSONataError) -> Value? {
        .string(try call.text(ofMilliseconds: call.now, picture: 0, zone: 1))
    }

    @Sendable private static func fromMillis(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let milliseconds = call.number(0) else { return nil }
        return .string(try call.text(ofMilliseconds: milliseconds, picture: 1, zone: 2))
    }

    @Sendable private static func toMillis(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        guard let picture = call.string(1) else {
            guard let timestamp = Timestamp(parsing: text) else {
                let fact = "is not a time in the form of ISO 8601, as 2026-11-21T09:30:00.000Z"
                throw call.fault("D3110", "\"\(text)\" \(fact)")
            }
            return .number(timestamp.milliseconds)
        }
        let datePicture: DatePicture
        do { datePicture = try DatePicture(picture) } catch { throw call.fault(error) }
        return try datePicture.milliseconds(in: text, call).map(Value.number)
    }
}

extension Invocation {
    /// The time of the evaluation in milliseconds since 1970.
    var now: Double {
        get throws(JSONataError) {
            guard let now = evaluator.options.now else {
                throw unsupported("the time, which this place does not give,")
            }
            return (now.timeIntervalSince1970 * 1_000).rounded(.down)
        }
    }

    /// A time in the picture and time zone of two arguments, or after ISO 8601 in UTC.
    fileprivate func text(
        ofMilliseconds milliseconds: Double,
        picture: Int,
        zone: Int
    ) throws(JSONataError) -> String {
        let offset = try offset(zone)
        do {
            let picture = try string(picture).map { (text) throws(PictureFault) in try DatePicture(text) }
            return try (picture ?? DatePicture.iso8601)?.text(ofMilliseconds: milliseconds, offset: offset) ?? ""
        } catch {
            throw fault(error)
        }
    }

    /// A time zone such as `+0100`, in minutes.
    private func offset(_ index: Int) throws(JSONataError) -> Int {
        guard let text = string(index), text != "Z" else { return 0 }
        let isNegative = text.hasPrefix("-")
        let digits = text.drop { $0 == "-" || $0 == "+" }.filter { $0 != ":" }
        guard (1...4).contains(digits.utf8.count), let number = Int(digits) else {
            throw fault("D3134", "the time zone \"\(text)\" must be of the form +0100")
        }
        return (number / 100 * 60 + number % 100) * (isNegative ? -1 : 1)
    }
}
