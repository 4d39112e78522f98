/// An element of XML: a text, or elements.
struct XMLNode: Sendable, Hashable {
    /// Its name, without a prefix.
    let name: String
    /// Its text, where it has no elements.
    var text = ""
    /// Its elements, in their order.
    var children: [XMLNode] = []
    /// The namespace that it declares.
    var namespace: String?

    /// An element with a text.
    init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }

    /// An element with elements.
    init(_ name: String, namespace: String? = nil, _ children: [XMLNode] = []) {
        self.name = name
        self.namespace = namespace
        self.children = children
    }

    /// The first element of a name.
    subscript(_ name: String) -> XMLNode? { children.first { $0.name == name } }

    /// All elements of a name.
    func all(_ name: String) -> [XMLNode] { children.filter { $0.name == name } }

    /// The element as a document.
    var document: [UInt8] {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        write(into: &text)
        return Array(text.utf8)
    }

    private func write(into output: inout String) {
        output += "<\(name)"
        if let namespace { output += " xmlns=\"\(namespace)\"" }
        guard !text.isEmpty || !children.isEmpty else {
            output += "/>"
            return
        }
        output += ">"
        Self.escape(text, into: &output)
        for child in children { child.write(into: &output) }
        output += "</\(name)>"
    }

    /// Control characters cannot be in XML 1.0, not even as references: U+FFFD stands for them.
    private static func escape(_ text: String, into output: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "\r": output += "&#13;"
            case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t": output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
    }
}
