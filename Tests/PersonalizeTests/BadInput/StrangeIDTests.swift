import FoundationEssentials
import JSON
import Shapes
import TestSupport
import Testing

@testable import Personalize

/// Ids of users, items and sessions may be any text of 1 to 256 characters.
@Suite struct StrangeIDTests {
    private static let strange = [
        "\u{0}", "a\u{0}b", "\n", "\u{7F}\u{1B}[31m", "\u{202E}abc", "e\u{301}", "é", "\u{1F469}\u{200D}\u{1F680}",
        "\"'\\|,;",
        " ", "null", "../../etc/passwd", "%00", String(repeating: "\u{1F3AC}", count: 256), "\u{FEFF}", "\u{FFFF}",
    ]

    @Test func `they are taken, kept and found as they are`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            for (index, id) in Self.strange.enumerated() {
                try await test.put([id], by: id, tracking: tracking, session: id, ids: ["e\(index)"])
                let item: JSON = ["itemId": .string(id), "properties": #"{"price": 7}"#]
                let input: JSON = ["datasetArn": .string(arn("dataset/films/ITEMS")), "items": [item]]
                _ = try await test.service.putItems(input)
            }
            let campaign = try await test.serve("own", recipe: "aws-user-personalization")
            for id in Self.strange {
                let all = try test.recommend(campaign, ["userId": .string(id), "numResults": 500])
                let hasOwn = all.contains { $0.utf8.elementsEqual(id.utf8) }
                #expect(!hasOwn, "\(id.debugDescription) was seen")
                let others = try test.recommend(campaign, ["userId": "u1", "numResults": 500])
                #expect(others.contains { $0.utf8.elementsEqual(id.utf8) }, "\(id.debugDescription) was trained")
            }
        }
    }

    /// The member that is an id, or that holds some; nil for any other place.
    private static func nameOfID(_ place: InputPlace) -> String? {
        for step in place.steps.reversed() {
            guard case .member(let name) = step else { continue }
            let isID = name.hasSuffix("Id") && name != "recommendationId"
            guard case .element = place.steps.last else { return isID ? name : nil }
            return name == "inputList" ? name : nil
        }
        return nil
    }

    @Test func `those of 257 characters and empty ones are refused`() async throws {
        let test = try ServiceUnderTest()
        let long = JSON.string(String(repeating: "\u{1F3AC}", count: 257))
        for request in RequestKind.all where request.name.hasPrefix("Put") || request.name.hasPrefix("Get") {
            let good = InputSample().value(request.shape)
            for place in InputPlace.all(of: request.shape, in: good) {
                guard let name = Self.nameOfID(place) else { continue }
                let error = await request.error(test.service, place.replacing(long, in: good))
                #expect(error?.code == .invalidInput, "\(request) \(name)")
                #expect(error?.message.contains("less than or equal to 256") == true, "\(request) \(name)")
                guard request.name.hasPrefix("Put") else { continue }
                let empty = await request.error(test.service, place.replacing("", in: good))
                #expect(empty?.code == .invalidInput, "\(request) \(name)")
            }
        }
    }
}
