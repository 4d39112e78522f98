import JSON
import Shapes
import Testing

@Suite struct ShapeTests {
    private static let shape = Shape.structure([
        .required("name", .text(1...3, TextPattern("[a-z]+") { $0.utf8.allSatisfy { (97...122).contains($0) } })),
        .optional("secret", .secret(0...2)),
        .optional("word", .oneOf("A", "B")),
        .optional("count", .integer(0...9)),
        .optional("share", .double(0...1)),
        .optional("isOn", .boolean),
        .optional(
            "routes",
            .list(
                .structure([.required("arn", .text(1...9)), .required("weight", .integer(0...9))], name: "Route"),
                minimum: 1,
                maximum: 2
            )
        ),
    ])

    private static func message(_ input: JSON) -> String? { shape.faults(in: input).message }

    @Test func `a value of the shape has no faults, whatever else it holds`() {
        let input: JSON = [
            "name": "abc", "other": [1], "count": 9, "word": nil, "routes": [["arn": "x", "weight": 0]],
        ]
        #expect(Self.shape.faults(in: input).all.isEmpty)
    }

    @Test func `every fault is told in one message`() {
        #expect(
            Self.message(["name": "ABCD", "word": "C", "count": 10, "share": -0.5])
                == "5 validation errors detected: Value 'ABCD' at 'name' failed to satisfy constraint: Member must "
                + "satisfy regular expression pattern: [a-z]+; Value 'ABCD' at 'name' failed to satisfy constraint: "
                + "Member must have length less than or equal to 3; Value 'C' at 'word' failed to satisfy constraint: "
                + "Member must satisfy enum value set: [A, B]; Value '10' at 'count' failed to satisfy constraint: "
                + "Member must have value less than or equal to 9; Value '-0.5' at 'share' failed to satisfy "
                + "constraint: Member must have value greater than or equal to 0.0"
        )
    }

    @Test func `what is missing is null, and what is secret is not shown`() {
        #expect(
            Self.message(["secret": "abc"])
                == "2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not "
                + "be null; Value at 'secret' failed to satisfy constraint: Member must have length less than or "
                + "equal to 2"
        )
    }

    @Test func `lists show their structures by name, and faults within them their place`() {
        let route: JSON = ["arn": "x", "weight": 1]
        #expect(
            Self.message(["name": "a", "routes": [route, route, route]])
                == "1 validation error detected: Value '[Route(arn=x, weight=1), Route(arn=x, weight=1), "
                + "Route(arn=x, weight=1)]' at 'routes' failed to satisfy constraint: Member must have length less "
                + "than or equal to 2"
        )
        #expect(
            Self.message(["name": "a", "routes": [["arn": "x", "weight": 10]]])
                == "1 validation error detected: Value '10' at 'routes.1.member.weight' failed to satisfy constraint: "
                + "Member must have value less than or equal to 9"
        )
        #expect(Self.message(["name": "a", "routes": []])?.hasSuffix("greater than or equal to 1") == true)
    }

    @Test func `characters are counted, not bytes`() {
        #expect(Shape.text(0...2).faults(in: "éé").faults.isEmpty)
        #expect(Shape.text(0...2).faults(in: "ééé").faults.count == 1)
        #expect(Shape.text(2...9).faults(in: "é").faults.count == 1)
    }

    @Test func `a value of another type is told apart`() {
        let found = Self.shape.faults(in: ["name": 1, "count": "x", "routes": [:], "isOn": 0])
        #expect(found.message == nil)
        #expect(found.typeFaults.map(\.path) == ["name", "count", "isOn", "routes"])
        #expect(found.all.first?.constraint == "Member must be a string")
    }
}
