internal import Crypto

/// The checksums that S3 takes beside its entity tag.
public enum ChecksumAlgorithm: String, Sendable, CaseIterable {
    case crc32 = "CRC32"
    case crc32c = "CRC32C"
    case crc64nvme = "CRC64NVME"
    case sha1 = "SHA1"
    case sha256 = "SHA256"

    /// The header and trailer that carries it, as `x-amz-checksum-crc32`.
    public var header: String { "x-amz-checksum-\(rawValue.lowercased())" }

    /// How many bytes it has.
    public var byteCount: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// Whether the checksum of a whole can be told only by reading it in order, so that an upload in parts has a
    /// checksum of its parts' checksums.
    public var isCryptographic: Bool { self == .sha1 || self == .sha256 }
}

/// A checksum in the making.
public struct Checksum: Sendable {
    /// Which.
    public let algorithm: ChecksumAlgorithm
    private var state: State

    private enum State: Sendable {
        case narrow(CyclicRedundancyCheck<UInt32>)
        case wide(CyclicRedundancyCheck<UInt64>)
        case sha1(Insecure.SHA1)
        case sha256(SHA256)
    }

    /// A checksum of nothing yet.
    public init(_ algorithm: ChecksumAlgorithm) {
        self.algorithm = algorithm
        state =
            switch algorithm {
            case .crc32: .narrow(CyclicRedundancyCheck(table: CyclicRedundancyTables.crc32))
            case .crc32c: .narrow(CyclicRedundancyCheck(table: CyclicRedundancyTables.crc32c))
            case .crc64nvme: .wide(CyclicRedundancyCheck(table: CyclicRedundancyTables.crc64nvme))
            case .sha1: .sha1(Insecure.SHA1())
            case .sha256: .sha256(SHA256())
            }
    }

    /// Takes more bytes in.
    public mutating func update(_ bytes: [UInt8]) {
        switch state {
        case .narrow(var check):
            unsafe check.update(bytes.span.bytes)
            state = .narrow(check)
        case .wide(var check):
            unsafe check.update(bytes.span.bytes)
            state = .wide(check)
        case .sha1(var hash):
            hash.update(data: bytes)
            state = .sha1(hash)
        case .sha256(var hash):
            hash.update(data: bytes)
            state = .sha256(hash)
        }
    }

    /// The checksum of all that was taken in.
    public var bytes: [UInt8] {
        switch state {
        case .narrow(let check): check.bytes
        case .wide(let check): check.bytes
        case .sha1(let hash): Array(hash.finalize())
        case .sha256(let hash): Array(hash.finalize())
        }
    }

    /// The checksum in Base64, as headers carry it.
    public var text: String { Base64.encode(bytes) }
}

/// The MD5 of a content, which is its entity tag.
public struct MD5: Sendable {
    private var hash = Insecure.MD5()

    /// The hash of nothing yet.
    public init() {}

    /// Takes more bytes in.
    public mutating func update(_ bytes: [UInt8]) { hash.update(data: bytes) }

    /// The hash of all that was taken in.
    public var bytes: [UInt8] { Array(hash.finalize()) }
}

/// The SHA-256 of a body that comes in piece by piece.
public struct BodyHash: Sendable {
    private var hash = SHA256()

    /// The hash of nothing yet.
    public init() {}

    /// Takes more bytes in.
    public mutating func update(_ bytes: some Sequence<UInt8>) { hash.update(data: Array(bytes)) }

    /// The hash of all that was taken in, in hexadecimal.
    public var text: String { hash.finalize().hexadecimal }
}
