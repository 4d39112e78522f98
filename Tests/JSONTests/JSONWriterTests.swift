import JSON
import Testing

struct JSONWriterTests {
    @Test func `what is written piece by piece is the text of the value`() {
        let value: JSON = [
            "empty": [:], "none": [], "items": [["id": "say \"é\"\n", "score": 1.5e-7], ["id": "2", "score": 3.0]],
            "error": nil,
        ]
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("empty")
        writer.beginObject()
        writer.endObject()
        writer.key("none")
        writer.beginArray()
        writer.endArray()
        writer.key("items")
        writer.beginArray()
        for item in value["items"]?.array ?? [] {
            writer.beginObject()
            writer.key("id")
            let id = Array((item["id"]?.string ?? "").utf8)
            writer.string(utf8: id.span)
            writer.key("score")
            writer.number(item["score"]?.double ?? 0)
            writer.endObject()
        }
        writer.endArray()
        writer.key("error")
        writer.value(.null)
        writer.endObject()
        #expect(writer.utf8 == value.utf8)
    }

    @Test func `lines follow one another without a comma`() {
        var writer = JSONWriter()
        for number in 1...2 {
            writer.string("\(number)")
            writer.endLine()
        }
        #expect(writer.utf8 == Array("\"1\"\n\"2\"\n".utf8))
    }
}
