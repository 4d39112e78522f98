import JSON
import Personalize
import TestSupport
import Testing

@Suite struct FilterLimitTests {
    private static func input(_ name: String, _ expression: String) -> JSON {
        [
            "name": .string(name), "datasetGroupArn": .string(arn("dataset-group/films")),
            "filterExpression": .string(expression),
        ]
    }

    private static let dear = "INCLUDE ItemID WHERE Items.PRICE > 3"
    private static let war = #"INCLUDE ItemID WHERE Items.GENRES IN ("war")"#
    private static let seen = #"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")"#

    @Test func `a group has so many filters and no more, until one is deleted`() async throws {
        let test = try ServiceUnderTest { $0.maximumFiltersPerGroup = 2 }
        try await test.running {
            try await test.prepareFilms()
            let first = try await test.filmFilter("first", Self.dear)
            _ = try await test.filmFilter("second", Self.dear)
            let error = await test.error("CreateFilter", Self.input("third", Self.dear))
            #expect(error?.code == .limitExceeded)
            #expect(error?.message.hasPrefix("More than 2 filters in a dataset group") == true)
            try await test.create("CreateDatasetGroup", ["name": "other"])
            try await test.call("DeleteFilter", ["filterArn": first])
            _ = try await test.service.waitUntilSettled(first.string ?? "")
            _ = try await test.filmFilter("third", Self.dear)
        }
    }

    @Test func `a filter asks for so many distinct fields, however often it asks for each`() async throws {
        let test = try ServiceUnderTest { $0.maximumFieldsPerFilter = 1 }
        try await test.running {
            try await test.prepareFilms()
            _ = try await test.filmFilter("often", "\(Self.dear) AND items.price < 9 | \(Self.dear)")
            for expression in ["\(Self.dear) | \(Self.war)", "\(Self.dear) | \(Self.seen)"] {
                let error = await test.error("CreateFilter", Self.input("many", expression))
                #expect(error?.code == .limitExceeded)
                #expect(error?.message.hasPrefix("More than 1 distinct fields in a filter") == true)
            }
            #expect(await test.code("CreateFilter", Self.input("wrong", "INCLUDE ItemID WHERE")) == .invalidInput)
        }
    }

    @Test func `all filters of a group together ask for so many distinct fields`() async throws {
        let test = try ServiceUnderTest { $0.maximumFilteredFieldsPerGroup = 2 }
        try await test.running {
            try await test.prepareFilms()
            _ = try await test.filmFilter("dear", Self.dear)
            _ = try await test.filmFilter("war", Self.war)
            _ = try await test.filmFilter("both", "\(Self.dear) | \(Self.war)")
            let error = await test.error("CreateFilter", Self.input("seen", Self.seen))
            #expect(error?.code == .limitExceeded)
            #expect(error?.message.contains("2 distinct fields in the filters of a dataset group") == true)
        }
    }
}
