import JSON

extension Builtin {
    /// What Step Functions adds to the language.
    static let stepFunctions: [Entry] = [
        ("partition", "<an:a>", partition),
        ("range", "<nnn:a>", range),
        ("hash", "<ss:s>", hash),
        ("random", "<n?:n>", random),
        ("uuid", "<:s>", uuid),
        ("parse", "<s:x>", parse),
    ]

    /// How many members `$range` may make, as many as `..`.
    private static let maximumRange = 10_000_000.0

    @Sendable private static func partition(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let items = call.array(0), let number = call.number(1) else { return nil }
        guard let size = Int(exactly: number), size > 0 else {
            throw call.fault("D4001", "the size of the parts of $partition must be a positive integer")
        }
        let starts = stride(from: 0, to: items.count, by: size)
        return .array(
            ValueArray(starts.map { .array(ValueArray(Array(items[$0..<min($0 + size, items.count)]))) })
        )
    }

    @Sendable private static func range(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let first = call.number(0), let last = call.number(1), let step = call.number(2) else { return nil }
        guard [first, last, step].allSatisfy({ Int(exactly: $0) != nil }) else {
            throw call.fault("D4002", "the start, end and step of $range must be integers")
        }
        guard step != 0 else { throw call.fault("D4003", "the step of $range must not be zero") }
        let count = ((last - first) / step).rounded(.down) + 1
        guard count < maximumRange else { throw call.fault("D2014", "$range would have more than ten million members") }
        guard count > 0 else { return .array(ValueArray([])) }
        return .array(ValueArray((0..<Int(count)).map { .number(first + Double($0) * step) }))
    }

    @Sendable private static func hash(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0), let algorithm = call.string(1) else { return nil }
        guard let hash = call.evaluator.options.hash else {
            throw call.unsupported("hashing, which this place does not give,")
        }
        guard let digest = hash(text, algorithm) else {
            let fact = "\"\(algorithm)\" is not a hash algorithm"
            throw call.fault("D4004", "\(fact), write MD5, SHA-1, SHA-256, SHA-384 or SHA-512")
        }
        return .string(digest)
    }

    @Sendable private static func random(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let seed = call.number(0) else { return .number(try call.randomNumber()) }
        guard let integer = Int64(exactly: seed) else {
            throw call.fault("D4005", "the seed of $random must be an integer")
        }
        return .number(seededNumber(UInt64(bitPattern: integer)))
    }

    /// The first number from 0 up to 1 that SplitMix64 makes of a seed.
    private static func seededNumber(_ seed: UInt64) -> Double {
        var state = seed &+ 0x9E37_79B9_7F4A_7C15
        state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
        state ^= state >> 31
        return Double(state >> 11) * 0x1p-53
    }

    @Sendable private static func uuid(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let uuid = call.evaluator.options.uuid else {
            throw call.unsupported("making identifiers, which this place does not do,")
        }
        return .string(uuid())
    }

    @Sendable private static func parse(_ call: Invocation) throws(JSONataError) -> Value? {
        guard let text = call.string(0) else { return nil }
        do {
            return Value(try JSON(parsing: text))
        } catch {
            throw call.fault("D4006", "the text given to $parse is not JSON: \(error)")
        }
    }
}
