internal import Glibc

/// A range of IP addresses, written `10.0.0.0/24` or `2001:db8::/32`.
struct AddressRange: Sendable {
    private let bytes: [UInt8]
    private let bits: Int

    /// Reads one; `nil` when it is no range.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let bits = Int(parts[1]), let bytes = Self.address(String(parts[0])),
            (0...bytes.count * 8).contains(bits)
        else { return nil }
        self.bytes = bytes
        self.bits = bits
    }

    /// Whether an address is in the range; what is no address is not.
    func contains(_ text: String) -> Bool {
        guard let address = Self.address(text), address.count == bytes.count else { return false }
        let whole = bits / 8
        guard address[..<whole] == bytes[..<whole] else { return false }
        guard bits % 8 > 0 else { return true }
        let mask = UInt8.max << UInt8(8 - bits % 8)
        return address[whole] & mask == bytes[whole] & mask
    }

    private static func address(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if unsafe inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
