internal import Bucket
internal import JSON

/// Walks through JSON text in an object of the bucket with only a window of it in memory.
struct JSONScanner {
    /// Why the text cannot be read.
    struct Fault: Error {
        var fact: String
    }

    /// A value that is taken out may have so many bytes.
    private static let valueLimit = 16 << 20
    private static let windowBytes = 256 << 10

    private let reader: ObjectReader
    private var window: [UInt8] = []
    private var windowStart: Int
    private var position = 0

    init(_ reader: ObjectReader, from offset: Int = 0) {
        self.reader = reader
        windowStart = offset
    }

    /// Where it stands in the object.
    var offset: Int { windowStart + position }

    /// The byte it stands at; `nil` at the end.
    private mutating func byte() throws -> UInt8? {
        if position >= window.count {
            windowStart += window.count
            position = 0
            window = try reader.read(from: windowStart, count: Self.windowBytes)
            if windowStart == 0, window.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
            guard position < window.count else { return nil }
        }
        return window[position]
    }

    /// The next byte that is not white space; it stays the next.
    mutating func peek() throws -> UInt8? {
        while let byte = try byte() {
            guard byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return byte }
            position += 1
        }
        return nil
    }

    /// Passes over a mark.
    mutating func pass(_ mark: UInt8) throws {
        guard try peek() == mark else {
            throw Fault(fact: "\"\(Character(Unicode.Scalar(mark)))\" is expected at byte \(offset)")
        }
        position += 1
    }

    /// Whether no more elements come.
    mutating func isAtEndOfContainer() throws -> Bool {
        guard let byte = try peek() else { throw Fault(fact: "the text ends at byte \(offset)") }
        return byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
    }

    /// The value it stands at.
    mutating func value() throws -> JSON {
        var bytes: [UInt8] = []
        let start = offset
        try walk { byte in
            bytes.append(byte)
            guard bytes.count <= Self.valueLimit else { throw Fault(fact: "the item at byte \(start) is too large") }
        }
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw Fault(fact: "the value at byte \(start) is not JSON: \(error.message)")
        }
    }

    /// Goes to the value of a member, or to an element.
    mutating func descend(to token: String) throws {
        switch try peek() {
        case UInt8(ascii: "{"):
            position += 1
            var isFirst = true
            while try !isAtEndOfContainer() {
                if !isFirst { try pass(UInt8(ascii: ",")) }
                isFirst = false
                let key = try value()
                try pass(UInt8(ascii: ":"))
                if key.string == token {
                    _ = try peek()
                    return
                }
                try walk { _ in }
            }
        case UInt8(ascii: "["):
            position += 1
            var index = 0
            while try !isAtEndOfContainer() {
                if index > 0 { try pass(UInt8(ascii: ",")) }
                _ = try peek()
                if "\(index)" == token { return }
                try walk { _ in }
                index += 1
            }
        default: break
        }
        throw Fault(fact: "the ItemsPointer leads to nothing at \"\(token)\"")
    }

    /// Passes over one value and shows its bytes.
    private mutating func walk(_ body: (UInt8) throws -> Void) throws {
        var depth = 0
        var isInText = false
        var isEscaped = false
        _ = try peek()
        while let byte = try byte() {
            if isInText {
                try body(byte)
                position += 1
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInText = false
                    if depth == 0 { return }
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if depth == 0 { return }
                depth -= 1
                if depth == 0 {
                    try body(byte)
                    position += 1
                    return
                }
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D: if depth == 0 { return }
            default: break
            }
            try body(byte)
            position += 1
        }
        if depth > 0 || isInText { throw Fault(fact: "the text ends within a value") }
    }
}
