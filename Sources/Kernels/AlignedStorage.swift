/// Memory of one owner, aligned to a cache line and freed with its owner.
@safe
@usableFromInline
final class AlignedStorage: Sendable {
    @usableFromInline static let alignment = 64
    @usableFromInline nonisolated(unsafe) let base: UnsafeMutableRawPointer

    /// Memory of no length, that stands in while an owner is looked at.
    static let none = AlignedStorage(byteCount: 0)

    /// Memory filled with zeros.
    init(byteCount: Int) {
        let base = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: Self.alignment)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: max(byteCount, 1))
        unsafe self.base = unsafe base
    }

    deinit { unsafe base.deallocate() }
}
