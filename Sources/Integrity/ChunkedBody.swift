/// Why a body in chunks is not taken.
public enum ChunkFault: Error, Sendable, Equatable {
    /// It is not in the form; the text says what is wrong.
    case malformed(String)
    /// A chunk, or the trailer, has the signature of another.
    case mismatch
    /// It ends in the middle.
    case cutOff
}

/// Reads a body of `aws-chunked` encoding: chunks with their sizes, maybe signatures, maybe headers behind the last.
///
/// ```
/// 10000;chunk-signature=ad80c730…     size in hexadecimal
/// …65,536 bytes…
/// 0;chunk-signature=b6c6ea8a…
/// x-amz-checksum-crc32c:sOO8/Q==      the trailer
/// x-amz-trailer-signature:63bddb24…
/// ```
public struct ChunkedBody: Sendable {
    /// What the chunks are signed with.
    public struct Signing: Sendable {
        let key: SigningKey
        let timestamp: SignatureTimestamp
        let scope: CredentialScope
        var previous: String

        /// The chain that begins with the signature of the request.
        public init(_ signature: VerifiedSignature) {
            key = signature.key
            timestamp = signature.claim.timestamp
            scope = signature.claim.scope
            previous = signature.claim.signature
        }

        func check(_ signature: String, of text: (Signing) -> String) -> Bool { key.isValid(signature, of: text(self)) }
    }

    private enum State {
        case head
        case data(left: Int)
        case dataEnd
        case trailer
        case done
    }

    /// A line longer than this is no line of this form.
    private static let maximumLine = 8192

    private var signing: Signing?
    private var state = State.head
    private var line: [UInt8] = []
    private var hash = BodyHash()
    private var signature = ""
    /// The headers behind the last chunk, by names in small letters.
    public private(set) var trailer: [(name: String, value: String)] = []

    /// A body whose chunks are checked where they are signed.
    public init(signing: Signing?) { self.signing = signing }

    /// Takes what came in.
    ///
    /// - Parameter bytes: The next bytes of the body.
    /// - Returns: What of them is content.
    /// - Throws: `ChunkFault`.
    public mutating func decode(_ bytes: [UInt8]) throws(ChunkFault) -> [UInt8] {
        var content: [UInt8] = []
        content.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            switch state {
            case .data(let left):
                let count = min(left, bytes.count - index)
                let piece = bytes[index..<index + count]
                if signing != nil { hash.update(piece) }
                content += piece
                index += count
                state = count == left ? .dataEnd : .data(left: left - count)
            case .done:
                throw .malformed("there are bytes behind the last chunk")
            default:
                line.append(bytes[index])
                index += 1
                guard line.last == UInt8(ascii: "\n") else {
                    guard line.count < Self.maximumLine else { throw .malformed("a line of a chunk is too long") }
                    continue
                }
                let text = String(decoding: line, as: UTF8.self)
                line.removeAll(keepingCapacity: true)
                // Swift counts CR LF as one character.
                try take(line: String(text.dropLast()))
            }
        }
        return content
    }

    /// Says that there is no more.
    ///
    /// - Throws: `ChunkFault` where the last chunk has not come.
    public func finish() throws(ChunkFault) {
        guard case .done = state else { throw .cutOff }
    }

    private mutating func take(line: String) throws(ChunkFault) {
        switch state {
        case .head: try begin(line)
        case .dataEnd:
            guard line.isEmpty else { throw .malformed("a chunk is longer than it says") }
            try checkChunk()
            state = .head
        case .trailer:
            guard !line.isEmpty else {
                try checkTrailer()
                state = .done
                return
            }
            guard let colon = line.firstIndex(of: ":") else { throw .malformed("\"\(line)\" is no header") }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            trailer.append((line[..<colon].lowercased(), String(value)))
        case .data, .done: preconditionFailure("data has no lines")
        }
    }

    private mutating func begin(_ line: String) throws(ChunkFault) {
        let parts = line.split(separator: ";", maxSplits: 1)
        guard let digits = parts.first, digits.utf8.count <= 8, let size = Int(digits, radix: 16), size >= 0 else {
            throw .malformed("\"\(line.prefix(80))\" is no size of a chunk")
        }
        let mark = "chunk-signature="
        signature = parts.count == 2 && parts[1].hasPrefix(mark) ? String(parts[1].dropFirst(mark.count)) : ""
        hash = BodyHash()
        guard size == 0 else { return state = .data(left: size) }
        try checkChunk()
        state = .trailer
    }

    private mutating func checkChunk() throws(ChunkFault) {
        guard let chain = signing else { return }
        let content = hash.text
        let isValid = chain.check(signature) { chain in
            [
                "AWS4-HMAC-SHA256-PAYLOAD", chain.timestamp.text, chain.scope.text, chain.previous, PayloadHash.empty,
                content,
            ].joined(separator: "\n")
        }
        guard isValid else { throw .mismatch }
        signing?.previous = signature
    }

    /// A trailer is signed where the chunks are and there is one.
    private func checkTrailer() throws(ChunkFault) {
        guard let chain = signing, !trailer.isEmpty else { return }
        let mark = "x-amz-trailer-signature"
        guard let signature = trailer.first(where: { $0.name == mark })?.value else { throw .mismatch }
        let text = trailer.filter { $0.name != mark }.map { "\($0.name):\($0.value)\n" }.joined()
        let isValid = chain.check(signature) { chain in
            [
                "AWS4-HMAC-SHA256-TRAILER", chain.timestamp.text, chain.scope.text, chain.previous,
                PayloadHash.text(of: text.utf8),
            ].joined(separator: "\n")
        }
        guard isValid else { throw .mismatch }
    }
}
