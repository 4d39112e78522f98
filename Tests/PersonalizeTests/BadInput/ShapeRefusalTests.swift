import JSON
import Shapes
import TestSupport
import Testing

@testable import Personalize

/// Input that does not look as an operation's shape says.
@Suite struct ShapeRefusalTests {
    @Test(arguments: RequestKind.all)
    func `a value of another type is refused wherever it is`(request: RequestKind) async throws {
        let service = try ServiceUnderTest().service
        let input = InputSample().value(request.shape)
        for place in InputPlace.all(of: request.shape, in: input) {
            let faulty = place.replacing(place.mistyped, in: input)
            let error = await request.error(service, faulty)
            #expect(error?.code == .serialization, "\(place.steps)")
        }
        #expect(await request.error(service, [])?.code == .serialization)
    }

    @Test(arguments: RequestKind.all)
    func `every broken rule is told of in one message`(request: RequestKind) async throws {
        let service = try ServiceUnderTest().service
        let good = InputSample().value(request.shape)
        var (worst, parts) = (good, [String]())
        for place in InputPlace.all(of: request.shape, in: good) {
            guard let value = place.unruly else { continue }
            let error = await request.error(service, place.replacing(value, in: good))
            #expect(error?.code == .invalidInput, "\(place.steps)")
            parts += Self.parts(error?.message ?? "")
            worst = place.replacing(value, in: worst)
        }
        guard parts.count > 1 else { return }
        let error = await request.error(service, worst)
        #expect(error?.code == .invalidInput)
        #expect(error?.message.hasPrefix("\(parts.count) validation errors detected: ") == true, "\(parts)")
        #expect(Self.parts(error?.message ?? "").sorted() == parts.sorted())
    }

    /// The faults of a message.
    private static func parts(_ message: String) -> [String] {
        let texts = message.split(separator: "detected: ", maxSplits: 1).last?.split(separator: "; ") ?? []
        return texts.map(String.init)
    }

    @Test(arguments: RequestKind.all)
    func `what must be there is asked for, all at once`(request: RequestKind) async throws {
        let service = try ServiceUnderTest().service
        let required = request.fields.filter(\.isRequired).map(\.name)
        guard !required.isEmpty else { return }
        let faults = required.map { "Value null at '\($0)' failed to satisfy constraint: Member must not be null" }
        let heading = required.count == 1 ? "1 validation error" : "\(required.count) validation errors"
        let error = await request.error(service, [:])
        #expect(error?.code == .invalidInput)
        #expect(error?.message == "\(heading) detected: \(faults.joined(separator: "; "))")
        let nulls = JSON.object(JSONObject(required.map { ($0, .null) }))
        #expect(await request.error(service, nulls) == error)
    }

    @Test(arguments: RequestKind.all)
    func `a member that nobody knows changes nothing`(request: RequestKind) async throws {
        var sample = InputSample(known: ["name": "first"])
        sample.isFull = false
        let service = try ServiceUnderTest().service
        let plain = await request.error(service, sample.value(request.shape))
        sample.known["name"] = "second"
        var input = sample.value(request.shape)
        input["nobodyKnows"] = [[:], "\u{0}"]
        let error = await request.error(service, input)
        #expect(error?.code == plain?.code)
        #expect(error?.code != .internalFailure)
    }

    @Test(arguments: [
        "é", "a b", "-a", "a\n", "a\u{0}", "a\u{301}", "", "\u{1F3AC}", String(repeating: "a", count: 64),
    ])
    func `a name is of plain letters`(name: String) async throws {
        let service = try ServiceUnderTest().service
        for request in RequestKind.all where request.name.hasPrefix("Create") {
            for member in ["name", "jobName"]
            where request.fields.contains(where: { $0.name == member && $0.isRequired }) {
                let input = InputSample(known: [member: .string(name)], isFull: false).value(request.shape)
                let error = await request.error(service, input)
                #expect(error?.code == .invalidInput, "\(request)")
                #expect(error?.message.contains("'\(member)' failed to satisfy constraint") == true, "\(request)")
            }
        }
    }

    @Test func `a filter has 2,500 characters at most`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let (start, end) = ("INCLUDE ItemID WHERE Items.GENRES IN (\"", "\")")
            for (length, isFine) in [(2500, true), (2501, false)] {
                let value = String(repeating: "ä", count: length - start.count - end.count)
                let input: JSON = [
                    "name": "long", "datasetGroupArn": .string(arn("dataset-group/films")),
                    "filterExpression": .string(start + value + end),
                ]
                let error = await test.error("CreateFilter", input)
                #expect(error?.code == (isFine ? nil : .invalidInput))
                #expect(isFine || error?.message.contains("less than or equal to 2500") == true)
            }
        }
    }
}
