import JSON
import Personalize
import TestSupport
import Testing

@Suite struct AnswerTextTests {
    @Test(arguments: ["aws-user-personalization", "aws-user-personalization-v2", "aws-popularity-count"])
    func `the text of an answer is that of its value`(_ recipe: String) async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let config: JSON = ["enableMetadataWithRecommendations": true]
            let campaign = JSON.string(try await test.serve("hot", recipe: recipe, campaignConfig: config))
            let filter = try await test.filter("comedy", #"INCLUDE ItemID WHERE Items.GENRES IN ("comedy")"#)
            let promotion: JSON = ["name": "sale", "percentPromotedItems": 100, "filterArn": filter]
            let requests: [JSON] = [
                ["userId": "u1"], ["userId": "nobody", "numResults": 3], ["userId": "u2", "filterArn": filter],
                ["userId": "u2", "metadataColumns": ["ITEMS": ["GENRES", "PRICE"]]],
                ["userId": "u3", "numResults": 2, "promotions": [promotion]],
            ]
            for var request in requests {
                request["campaignArn"] = campaign
                let value = try test.service.runtime.getRecommendations(request)
                let text = try test.service.runtime.getRecommendationsText(request)
                let read = try JSON(parsing: text)
                #expect(read.utf8 == text)
                #expect(read.object?.keys == ["itemList", "recommendationId"])
                #expect(read["recommendationId"]?.string?.hasPrefix("RID-") == true)
                #expect(read["itemList"]?.text == value["itemList"]?.text)
                #expect(read["itemList"]?.array?.isEmpty == false)
            }
        }
    }

    @Test func `what is refused as a value is refused as text`() async throws {
        let test = try ServiceUnderTest()
        let input: JSON = ["campaignArn": .string(arn("campaign/none")), "userId": "u1"]
        let error = #expect(throws: PersonalizeError.self) {
            try test.service.runtime.getRecommendationsText(input)
        }
        #expect(error?.code == .resourceNotFound)
    }
}
