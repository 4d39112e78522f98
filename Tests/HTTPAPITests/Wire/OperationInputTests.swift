import FoundationEssentials
import JSON
import Testing

@testable import HTTPAPI

@Suite struct OperationInputTests {
    private enum Colour: String, CaseIterable { case red, green }

    private let input = OperationInput([
        "name": "a", "count": 3, "flag": true, "nothing": nil, "colour": "blue",
        "inner": ["name": 1], "list": ["a", 1],
    ])

    private func fault(_ body: () throws -> Void) -> String? {
        let error = #expect(throws: WireError.self) { try body() }
        return error?.description
    }

    @Test func `members are read`() throws {
        #expect(try input.string("name") == "a")
        #expect(try input.optionalInt("count", in: 1...3) == 3)
        #expect(try input.optionalBool("flag") == true)
        #expect(try input.optionalDate("count")?.timeIntervalSince1970 == 3)
        #expect(try input.optionalString("nothing") == nil)
        #expect(try input.optionalObject("absent") == nil)
    }

    @Test func `what is wrong is told with its place`() {
        let prefix = "ValidationException: 1 validation error detected: Value "
        #expect(
            fault { _ = try input.string("nothing") }
                == "\(prefix)null at 'nothing' failed to satisfy constraint: Member must not be null"
        )
        #expect(
            fault { _ = try input.string("name", length: 2...3) }
                == "\(prefix)'a' at 'name' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 2"
        )
        #expect(
            fault { _ = try input.string("name", length: 0...0) }?.hasSuffix("length less than or equal to 0") == true
        )
        #expect(
            fault { _ = try input.optionalInt("count", in: 0...2) }
                == "\(prefix)3 at 'count' failed to satisfy constraint: Member must have value less than or equal to 2"
        )
        #expect(
            fault { _ = try input.optionalInt("count", in: 4...5) }?.hasSuffix("greater than or equal to 4") == true
        )
        #expect(
            fault { _ = try input.optionalCase("colour", of: Colour.self) }
                == "\(prefix)'blue' at 'colour' failed to satisfy constraint: "
                + "Member must satisfy enum value set: [red, green]"
        )
        #expect(
            fault { _ = try input.optionalObject("inner")?.string("name") }
                == "SerializationException: inner.name must be a string, it is number"
        )
        #expect(
            fault { _ = try input.strings("list") }
                == "SerializationException: list[1] must be a string, it is number"
        )
    }
}
