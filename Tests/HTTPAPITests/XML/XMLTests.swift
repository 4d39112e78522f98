import Testing

@testable import HTTPAPI

@Suite struct XMLTests {
    private func read(_ text: String) throws -> XMLNode { try XMLReader.root(of: Array(text.utf8)) }

    @Test func `a document is read without what does not count`() throws {
        let text = """
            \u{FEFF}<?xml version="1.0" encoding="UTF-8"?>
            <!-- a comment -->
            <s3:Delete xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/" a='<>'>
              <Object><Key>a&amp;b&lt;&gt;&quot;&apos;&#x41;&#66;</Key></Object>
              <Object ><Key><![CDATA[<c>&amp;]]></Key ><Empty/></Object>
            </s3:Delete>
            <!-- the end -->
            """
        let root = try read(text)
        #expect(root.name == "Delete")
        #expect(root.all("Object").compactMap { $0["Key"]?.text } == ["a&b<>\"'AB", "<c>&amp;"])
        #expect(root.all("Object")[1]["Empty"]?.text == "")
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a/><b/>", "<a>&nothing;</a>", "<a>&</a>", "<a b=\"></a>", "<a><b></a></b>",
        "< a/>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a>&#xD800;</a>", "<a>&#99999999;</a>", "<a", "</a>",
        "<a><!-- </a>",
    ])
    func `what is not well-formed is refused`(text: String) {
        #expect(throws: XMLReader.Fault.self) { try read(text) }
    }

    @Test func `a deep document, and one that is not UTF-8, are refused`() {
        let deep = String(repeating: "<a>", count: 10_000) + String(repeating: "</a>", count: 10_000)
        #expect(throws: XMLReader.Fault.self) { try read(deep) }
        #expect(throws: XMLReader.Fault.self) {
            try XMLReader.root(of: Array("<a>".utf8) + [0xFF] + Array("</a>".utf8))
        }
    }

    @Test func `what is written is read as it was`() throws {
        let node = XMLNode("A", namespace: "urn:x", [XMLNode("B", "<&>\"'\r\n\tü"), XMLNode("C")])
        let root = try XMLReader.root(of: node.document)
        #expect(root["B"]?.text == "<&>\"'\r\n\tü")
        #expect(root["C"]?.text == "")
        #expect(String(decoding: node.document, as: UTF8.self).contains("<A xmlns=\"urn:x\">"))
    }

    @Test func `control characters do not spoil a document`() throws {
        #expect(try XMLReader.root(of: XMLNode("A", "a\0b\u{1}").document).text == "a\u{FFFD}b\u{FFFD}")
    }
}
