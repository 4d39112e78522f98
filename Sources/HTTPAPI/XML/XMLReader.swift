/// Reads a small XML document: elements and texts.
///
/// Attributes, comments and instructions are passed over; a document
/// type is refused, and with it every entity that is not XML's own.
struct XMLReader {
    struct Fault: Error { let message: String }

    private let bytes: [UInt8]
    private var index = 0
    private static let maximumDepth = 32

    /// The root of a document.
    ///
    /// - Parameter bytes: The document, in UTF-8.
    /// - Returns: The root.
    /// - Throws: `Fault` when it is not well-formed, or is deeper than such documents are.
    static func root(of bytes: [UInt8]) throws(Fault) -> XMLNode {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw Fault(message: "it is not UTF-8") }
        var reader = XMLReader(bytes: bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.index = 3 }
        try reader.skipMisc()
        guard reader.peek == UInt8(ascii: "<") else { throw Fault(message: "it has no element") }
        let root = try reader.element(depth: 0)
        try reader.skipMisc()
        guard reader.index == bytes.count else { throw Fault(message: "there is more behind its element") }
        return root
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func starts(with text: StaticString) -> Bool {
        let wanted = Array("\(text)".utf8)
        return bytes[index...].starts(with: wanted)
    }

    /// Moves behind the next appearance of a text.
    private mutating func skip(behind text: String) throws(Fault) {
        let wanted = Array(text.utf8)
        while index + wanted.count <= bytes.count {
            if bytes[index..<index + wanted.count].elementsEqual(wanted) {
                index += wanted.count
                return
            }
            index += 1
        }
        throw Fault(message: "it ends before \"\(text)\"")
    }

    private mutating func skipMisc() throws(Fault) {
        while let byte = peek {
            if Self.isSpace(byte) {
                index += 1
            } else if starts(with: "<?") {
                try skip(behind: "?>")
            } else if starts(with: "<!--") {
                try skip(behind: "-->")
            } else if starts(with: "<!") {
                throw Fault(message: "it has a document type, which is not taken")
            } else {
                return
            }
        }
    }

    private mutating func element(depth: Int) throws(Fault) -> XMLNode {
        guard depth < Self.maximumDepth else { throw Fault(message: "it is deeper than \(Self.maximumDepth) elements") }
        index += 1
        let name = try name()
        let isEmpty = try skipAttributes()
        var node = XMLNode(name)
        if isEmpty { return node }
        var text: [UInt8] = []
        while let byte = peek {
            if starts(with: "</") {
                index += 2
                let end = try self.name()
                guard end == name else { throw Fault(message: "\"\(name)\" is ended by \"\(end)\"") }
                try skipSpace()
                guard peek == UInt8(ascii: ">") else { throw Fault(message: "\"\(name)\" is not closed") }
                index += 1
                if node.children.isEmpty { node.text = String(decoding: text, as: UTF8.self) }
                return node
            } else if starts(with: "<!--") {
                try skip(behind: "-->")
            } else if starts(with: "<![CDATA[") {
                index += 9
                let start = index
                try skip(behind: "]]>")
                text += bytes[start..<index - 3]
            } else if starts(with: "<?") {
                try skip(behind: "?>")
            } else if byte == UInt8(ascii: "<") {
                node.children.append(try element(depth: depth + 1))
            } else if byte == UInt8(ascii: "&") {
                text += try reference()
            } else {
                text.append(byte)
                index += 1
            }
        }
        throw Fault(message: "it ends inside \"\(name)\"")
    }

    /// A name, of which a prefix is left out.
    private mutating func name() throws(Fault) -> String {
        let start = index
        while let byte = peek, !Self.isSpace(byte), byte != UInt8(ascii: ">"), byte != UInt8(ascii: "/") { index += 1 }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        guard let local = name.split(separator: ":").last, !local.contains("<"), !local.contains("&") else {
            throw Fault(message: "it has an element without a name")
        }
        return String(local)
    }

    /// Moves behind the end of a tag.
    ///
    /// - Returns: Whether the element ends with it.
    private mutating func skipAttributes() throws(Fault) -> Bool {
        var quote: UInt8?
        while let byte = peek {
            index += 1
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return bytes[index - 2] == UInt8(ascii: "/")
            } else if byte == UInt8(ascii: "<") {
                break
            }
        }
        throw Fault(message: "it has a tag that is not closed")
    }

    private mutating func skipSpace() throws(Fault) {
        while let byte = peek, Self.isSpace(byte) { index += 1 }
    }

    private mutating func reference() throws(Fault) -> [UInt8] {
        let start = index + 1
        guard let end = bytes[start...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
            throw Fault(message: "it has an \"&\" that begins no reference")
        }
        let name = String(decoding: bytes[start..<end], as: UTF8.self)
        index = end + 1
        switch name {
        case "amp": return [UInt8(ascii: "&")]
        case "lt": return [UInt8(ascii: "<")]
        case "gt": return [UInt8(ascii: ">")]
        case "quot": return [UInt8(ascii: "\"")]
        case "apos": return [UInt8(ascii: "'")]
        default:
            let number =
                name.hasPrefix("#x")
                ? UInt32(name.dropFirst(2), radix: 16)
                : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
            guard let scalar = number.flatMap(Unicode.Scalar.init) else {
                throw Fault(message: "it has the reference \"&\(name);\", which stands for nothing")
            }
            return Array(String(Character(scalar)).utf8)
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
