import JSON
import Testing

struct JSONTests {
    @Test(
        arguments: [
            (1, .double(1), true), (1, 1.5, false), (["a": 1, "b": 2], ["b": 2, "a": .double(1)], true),
            ([1, 2], [2, 1], false),
            (nil, false, false), ("1", 1, false), (["a": nil], [:], false), (.integer(.max), .integer(.max - 1), false),
        ] as [(JSON, JSON, Bool)]
    )
    func `values are compared whatever their order of keys`(_ left: JSON, _ right: JSON, _ equal: Bool) {
        #expect((left == right) == equal)
        #expect((right == left) == equal)
        if equal { #expect(Set([left, right]).count == 1) }
    }

    @Test func `members and elements are reached`() {
        var value: JSON = ["a": [10, 20], "b": nil]
        #expect(value["a"]?[1] == 20)
        #expect(value["a"]?[2] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["b"]?.isNull == true)
        #expect(value["c"] == nil)
        #expect(value[0] == nil)
        value["c"] = 3
        value["a"] = nil
        #expect(value.text == #"{"b":null,"c":3}"#)
        var empty = JSON.null
        empty["x"] = 1
        #expect(empty == ["x": 1])
    }

    @Test func `a value tells what it is`() {
        #expect(JSON.integer(2).int == 2)
        #expect(JSON.double(2).int == 2)
        #expect(JSON.double(2.5).int == nil)
        #expect(JSON.double(1e300).int == nil)
        #expect(JSON.integer(2).double == 2)
        #expect(JSON.string("2").double == nil)
        #expect(JSON(nil as String?).isNull)
        let values: [JSON] = [nil, true, 1, 1.5, "s", [], [:]]
        #expect(values.map(\.typeName) == ["null", "boolean", "number", "number", "string", "array", "object"])
        #expect(values.compactMap(\.bool).count == 1)
        #expect(values.compactMap(\.array).count == 1)
        #expect(values.compactMap(\.object).count == 1)
    }

    @Test func `a large object keeps order and finds its members`() {
        var object = JSONObject()
        for index in 0..<100 { object["k\(index)"] = JSON(index) }
        object["k50"] = "changed"
        object["k10"] = nil
        object["k99"] = nil
        object["new"] = true
        #expect(object.count == 99)
        #expect(object.keys == (0..<99).filter { $0 != 10 }.map { "k\($0)" } + ["new"])
        #expect(object["k50"] == "changed")
        #expect(object["k98"] == 98)
        #expect(object["k10"] == nil)
        #expect(object.map(\.key) == object.keys)
        #expect(object.values.count == 99)
    }

    @Test func `a missing member has its default`() {
        var object: JSONObject = ["a": 1]
        #expect(object["b", default: 5] == 5)
        object["b", default: 5] = 6
        #expect(object["b"] == 6)
        #expect(!object.isEmpty)
        #expect(JSONObject([("x", 1), ("x", 2)])["x"] == 2)
    }
}
