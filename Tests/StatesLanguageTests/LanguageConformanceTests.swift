import Foundation
import JSON
import Testing

@testable import StatesLanguage

/// The small languages within the language, by their conformance data.
struct LanguageConformanceTests {
    static let start = Date(timeIntervalSince1970: 1_700_000_000)

    static func evaluator(on input: JSON) -> Evaluator {
        Evaluator(
            input: input,
            surroundings: Surroundings(
                context: ContextObject(
                    execution: ExecutionContext(
                        execution: .init(
                            id: "arn:aws:states:us-east-1:123456789012:execution:machine:run",
                            name: "run",
                            roleArn: "arn:aws:iam::123456789012:role/machine",
                            startTime: start,
                            input: ["offset": 10]
                        ),
                        stateMachine: .init(
                            id: "arn:aws:states:us-east-1:123456789012:stateMachine:machine",
                            name: "machine"
                        )
                    ),
                    stateName: "State",
                    enteredTime: start,
                    retryCount: 0,
                    taskToken: nil,
                    mapItem: .init(index: 2, value: ["name": "third"])
                ),
                variables: VariableScope(["v": ["a": [1, 2]], "limit": 2])
            ),
            generator: SeededGenerator(seed: 1),
            now: start
        )
    }

    @Test(arguments: ConformanceCase.all(in: "paths"))
    func `a path finds what it names`(_ item: ConformanceCase) throws {
        do {
            let path = try JSONPathParser.parse(#require(item.expression.string))
            let found = try Self.evaluator(on: item.given).value(of: path)
            #expect(found.text == item.result?.text)
        } catch let error as PathError {
            #expect(item.error != nil && error.message.contains(item.error ?? ""), "\(error.message)")
        } catch let error as StatesError {
            #expect(item.error != nil && (error.cause ?? "").contains(item.error ?? ""), "\(error.cause ?? "")")
        }
    }

    @Test(arguments: ConformanceCase.all(in: "intrinsics"))
    func `an intrinsic function gives its value`(_ item: ConformanceCase) throws {
        do {
            let call = try IntrinsicParser.parse(#require(item.expression.string))
            var evaluator = Self.evaluator(on: item.given)
            let value = try evaluator.value(of: call, field: "value.$", missing: StatesError.parameterPathFailure)
            #expect(value.text == item.result?.text)
        } catch let error as PathError {
            #expect(item.error != nil && error.message.contains(item.error ?? ""), "\(error.message)")
        } catch let error as StatesError {
            let text = "\(error.name): \(error.cause ?? "")"
            #expect(item.error != nil && text.contains(item.error ?? ""), "\(text)")
        }
    }

    @Test(arguments: ConformanceCase.all(in: "templates"))
    func `a template becomes its value`(_ item: ConformanceCase) throws {
        var faults: [String] = []
        let template = PayloadTemplate(item.expression) { key, _ in faults.append(key) }
        guard faults.isEmpty else {
            #expect(faults.joined(separator: ",") == item.error)
            return
        }
        do {
            var evaluator = Self.evaluator(on: item.given)
            #expect(try evaluator.value(of: template).text == item.result?.text)
        } catch {
            #expect("\(error.name): \(error.cause ?? "")" == item.error)
        }
    }

    @Test(arguments: ConformanceCase.all(in: "references"))
    func `a reference path puts a value in its place`(_ item: ConformanceCase) throws {
        do {
            let path = try ReferencePath(#require(item.expression.string))
            #expect(try path.put("NEW", into: item.given).text == item.result?.text)
        } catch let error as PathError {
            #expect(item.error != nil && error.message.contains(item.error ?? ""), "\(error.message)")
        }
    }

    @Test(arguments: ConformanceCase.all(in: "retry"))
    func `a retrier waits its time`(_ item: ConformanceCase) throws {
        var fields = try #require(item.expression.object)
        fields["ErrorEquals"] = ["States.ALL"]
        var reader = DefinitionReader()
        let handling = reader.errorHandling(.init(object: ["Retry": [.object(fields)]], location: "/States/X"))
        #expect(reader.diagnostics.isEmpty)
        let retrier = try #require(handling.retriers.first)
        var generator = SeededGenerator(seed: 7)
        let expected = try #require(item.result?.array)
        let delays = expected.indices.map { retrier.delay(after: $0, using: &generator) }
        if retrier.hasFullJitter {
            #expect(zip(delays, expected).allSatisfy { $0 >= 0 && $0 <= $1.double! })
            #expect(Set(delays).count == delays.count)
        } else {
            #expect(delays == expected.map { $0.double! })
        }
    }

    @Test(arguments: [
        ("2016-08-18T17:33:00Z", "2016-08-18T17:33:00.000Z"),
        ("2016-03-14T01:59:00+02:00", "2016-03-13T23:59:00.000Z"),
        ("2024-02-29T00:00:00.5-01:30", "2024-02-29T01:30:00.500Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"),
    ])
    func `a timestamp is read and written`(_ text: String, _ canonical: String) throws {
        let date = try #require(Timestamp.parse(text))
        #expect(Timestamp.text(date) == canonical)
    }

    @Test(arguments: [
        "", "2016-08-18", "2016-08-18 17:33:00Z", "2016-08-18T17:33:00", "2016-13-18T17:33:00Z", "2016-02-30T17:33:00Z",
        "2023-02-29T00:00:00Z", "2016-08-18T24:00:00Z", "2016-08-18T17:33Z", "2016-08-18T17:33:00.Z",
        "2016-08-18t17:33:00z", "2016-08-18T17:33:00Z ",
    ])
    func `what is no timestamp is not read as one`(_ text: String) {
        #expect(Timestamp.parse(text) == nil)
    }

    @Test func `a seed gives the numbers of Java`() {
        var random = JavaRandom(seed: 42)
        #expect(random.nextDouble() == 0.7275636800328681)
    }

    @Test func `equal seeds give equal chance and a UUID has its version`() {
        var first = SeededGenerator(seed: 42)
        var second = SeededGenerator(seed: 42)
        let uuid = first.uuid()
        #expect(uuid == second.uuid())
        #expect(uuid != first.uuid())
        #expect(uuid.utf8.count == 36)
        #expect(Array(uuid)[14] == "4")
        #expect("89ab".contains(Array(uuid)[19]))
    }
}
