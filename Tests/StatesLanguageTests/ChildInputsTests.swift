import JSON
import Testing

@testable import StatesLanguage

struct ChildInputsTests {
    private func inputs(
        _ batch: MapRunRequest.Batch?,
        _ values: [JSON],
        isLast: Bool = true,
        limit: Int = 100
    ) throws -> [ChildInputs<JSON>.Input] {
        let inputs = ChildInputs<JSON>(batch: batch) { index, item in ["i": JSON(index), "v": item] }
        return try inputs.make(of: ArraySlice(values), from: 10, isLast: isLast, limit: limit)
    }

    @Test func `without a batcher each item is an input`() throws {
        let made = try inputs(nil, ["a", "b", "c"], limit: 2)
        #expect(made.map(\.json) == [["i": 10, "v": "a"], ["i": 11, "v": "b"]])
        #expect(made.map(\.itemCount) == [1, 1])
    }

    @Test func `batches are of so many items, and an open one waits for more`() throws {
        let batch = MapRunRequest.Batch(maxItems: 2, maxInputBytes: nil, input: ["x": 1])
        let made = try inputs(batch, [1, 2, 3], isLast: false)
        #expect(made.map(\.json) == [["BatchInput": ["x": 1], "Items": [["i": 10, "v": 1], ["i": 11, "v": 2]]]])
        #expect(try inputs(batch, [1, 2, 3]).map(\.itemCount) == [2, 1])
        #expect(try inputs(batch, [1, 2, 3, 4, 5], limit: 2).map(\.itemCount) == [2, 2])
    }

    @Test func `batches are of so many bytes`() throws {
        let size = #"{"Items":[{"i":10,"v":1},{"i":11,"v":2}]}"#.utf8.count
        let exact = MapRunRequest.Batch(maxItems: nil, maxInputBytes: size, input: nil)
        #expect(try inputs(exact, [1, 2, 3]).map(\.itemCount) == [2, 1])
        #expect(try inputs(exact, [1, 2, 3]).allSatisfy { $0.json.text.utf8.count <= size })
        let less = MapRunRequest.Batch(maxItems: nil, maxInputBytes: size - 1, input: nil)
        #expect(try inputs(less, [1, 2, 3]).map(\.itemCount) == [1, 1, 1])
    }

    @Test func `an item that fits no batch fails the run`() {
        let batch = MapRunRequest.Batch(maxItems: nil, maxInputBytes: 40, input: nil)
        let error = #expect(throws: StatesError.self) {
            try inputs(batch, [1, .string(String(repeating: "x", count: 50))])
        }
        #expect(error?.name == StatesError.dataLimitExceeded)
    }

    @Test func `an item that is too large for a child is named`() throws {
        let most = JSON.string(String(repeating: "x", count: MapRunRequest.dataLimit - #"{"i":11,"v":""}"#.utf8.count))
        #expect(try inputs(nil, [1, most]).count == 2)
        let error = #expect(throws: StatesError.self) { try inputs(nil, [1, .string(most.plain + "x")]) }
        #expect(error?.name == StatesError.dataLimitExceeded)
        #expect(error?.cause?.hasPrefix("The input of a child with the item 11 has 262145 bytes") == true)
    }
}
