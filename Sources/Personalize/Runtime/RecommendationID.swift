internal import FoundationEssentials

/// The id of an answer, from which can be told what gave it.
///
/// It is `RID-` and a UUID of version 8 (RFC 9562), whose bits are ours: the first eight hexadecimal digits are the number
/// of the solution version, the next four and the three behind the version's `8` that of the campaign, both as they were
/// numbered when they were made, which is never done twice; the last 62 bits are drawn. A training of a recommender has
/// its id for a number, with the first bit set, which that of no version has.
///
///     RID-0000002a-0000-8030-9c1f-5d0e8b7a6f42
///         version  campaign   drawn
struct RecommendationID: Sendable, Equatable {
    /// What a campaign's answers have in common.
    struct Source: Sendable, Equatable {
        /// The sequence of the solution version, modulo 2³².
        var version: Int64 = 0
        /// The sequence of the campaign or the recommender, modulo 2²⁸.
        var campaign: Int64 = 0

        /// Whether a recommender gave the answer.
        var isOfRecommender: Bool { version & RecommendationID.trainingBit != 0 }
    }

    private static let trainingBit: Int64 = 1 << 31

    let source: Source
    private let uuid: UUID

    private static let prefix = "RID-"

    /// What is told of a recommender's training, whose id is eight hexadecimal digits.
    static func number(ofTraining id: String) -> Int64 { (Int64(id, radix: 16) ?? 0) & 0xFFFF_FFFF | trainingBit }

    /// What is told of a campaign's sequence.
    static func number(ofCampaign sequence: Int64) -> Int64 { sequence & 0x0FFF_FFFF }

    /// What is told of a version's sequence.
    static func number(ofVersion sequence: Int64) -> Int64 { sequence & 0xFFFF_FFFF }

    /// The id of a new answer.
    ///
    /// - Parameters:
    ///   - source: What gives it.
    ///   - random: What is drawn.
    init(_ source: Source, random: UUID) {
        var bytes = unsafe withUnsafeBytes(of: random.uuid) { unsafe Array($0) }
        let version = UInt32(truncatingIfNeeded: source.version)
        let campaign = UInt32(truncatingIfNeeded: Self.number(ofCampaign: source.campaign))
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: version >> (24 - 8 * UInt32(index))) }
        bytes[4] = UInt8(truncatingIfNeeded: campaign >> 20)
        bytes[5] = UInt8(truncatingIfNeeded: campaign >> 12)
        bytes[6] = 0x80 | UInt8(truncatingIfNeeded: campaign >> 8 & 0xF)
        bytes[7] = UInt8(truncatingIfNeeded: campaign)
        bytes[8] = bytes[8] & 0x3F | 0x80
        self.init(UUID(bytes), Source(version: Int64(version), campaign: Int64(campaign)))
    }

    /// Reads an id.
    ///
    /// - Throws: `PersonalizeError` with `invalidInput` for what is none, or one that an earlier release gave.
    init(_ text: String) throws(PersonalizeError) {
        let hasPrefix = text.lowercased().hasPrefix(Self.prefix.lowercased())
        guard let uuid = UUID(uuidString: hasPrefix ? String(text.dropFirst(Self.prefix.count)) : text) else {
            throw PersonalizeError(
                .invalidInput,
                "recommendationId \"\(text)\" is none; it looks like RID-0000002a-0000-8030-9c1f-5d0e8b7a6f42"
            )
        }
        let bytes = unsafe withUnsafeBytes(of: uuid.uuid) { unsafe Array($0) }
        guard bytes[6] >> 4 == 8, bytes[8] >> 6 == 2 else {
            throw PersonalizeError(
                .invalidInput,
                "recommendationId \"\(text)\" does not tell what gave it; it is of an earlier release, or not of Millrace"
            )
        }
        let version = bytes[0..<4].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let campaign = Int64(bytes[4]) << 20 | Int64(bytes[5]) << 12 | Int64(bytes[6] & 0xF) << 8 | Int64(bytes[7])
        self.init(uuid, Source(version: version, campaign: campaign))
    }

    private init(_ uuid: UUID, _ source: Source) {
        self.uuid = uuid
        self.source = source
    }

    /// The id as it is written.
    var text: String {
        let bytes = unsafe withUnsafeBytes(of: uuid.uuid) { unsafe Array($0) }
        var text = Array(Self.prefix.utf8)
        text.reserveCapacity(40)
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
            for digit in [byte >> 4, byte & 15] {
                text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension UUID {
    /// Sixteen bytes.
    fileprivate init(_ bytes: [UInt8]) {
        self.init(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
                bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            )
        )
    }
}
