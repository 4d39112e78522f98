/// Numbers that lie in a mapped file, or in memory of their own, and look the same to whoever reads them.
///
/// Copies share the memory. Writing copies first when the memory is shared or a file's.
@safe
public struct MappedArray<Element: BitwiseCopyable & Sendable>: Sendable {
    @usableFromInline
    enum Owner: Sendable {
        case file(MappedFile)
        case memory(AlignedStorage)
    }

    @usableFromInline var owner: Owner
    @usableFromInline nonisolated(unsafe) var base: UnsafePointer<Element>
    /// The number of elements.
    public let count: Int

    /// The elements of a byte range of a file, in place.
    ///
    /// - Parameters:
    ///   - file: The file; it stays mapped as long as the array lives.
    ///   - offset: Where the first element begins, in bytes.
    ///   - count: The number of elements.
    /// - Throws: `KernelError` with `invalidRange` when the range leaves the file or is not aligned.
    public init(_ file: MappedFile, offset: Int, count: Int) throws(KernelError) {
        let stride = MemoryLayout<Element>.stride
        let (length, overflow) = count.multipliedReportingOverflow(by: stride)
        guard offset >= 0, count >= 0, !overflow, length <= file.count, offset <= file.count - length else {
            throw KernelError(
                .invalidRange,
                "\"\(file.path)\": \(count) elements of \(stride) bytes at \(offset) leave the file of \(file.count) bytes"
            )
        }
        guard count > 0, let start = unsafe file.base else {
            self = MappedArray()
            return
        }
        guard offset % MemoryLayout<Element>.alignment == 0 else {
            throw KernelError(
                .invalidRange,
                "\"\(file.path)\": offset \(offset) is not a multiple of \(MemoryLayout<Element>.alignment)"
            )
        }
        let base = unsafe (start + offset).assumingMemoryBound(to: Element.self)
        unsafe self.init(owner: .file(file), base: base, count: count)
    }

    private init(owner: Owner, base: UnsafePointer<Element>, count: Int) {
        self.owner = owner
        unsafe self.base = unsafe base
        self.count = count
    }

    /// A copy of a sequence's elements in memory of its own.
    public init(_ elements: [Element]) {
        self.init(unsafeUninitializedCount: elements.count)
        unsafe elements.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe UnsafeMutablePointer(mutating: base).update(from: start, count: source.count)
        }
    }

    /// No elements.
    public init() { self.init(unsafeUninitializedCount: 0) }

    /// Elements whose bytes are all zero.
    init(unsafeUninitializedCount count: Int) {
        let storage = AlignedStorage(byteCount: count * MemoryLayout<Element>.stride)
        owner = .memory(storage)
        unsafe base = UnsafePointer(storage.base.bindMemory(to: Element.self, capacity: Swift.max(count, 1)))
        self.count = count
    }

    /// Calls a closure with the elements' memory.
    @inlinable
    public func withUnsafeBufferPointer<Result>(
        _ body: (UnsafeBufferPointer<Element>) throws -> Result
    ) rethrows -> Result {
        defer { withExtendedLifetime(owner) {} }
        return try unsafe body(UnsafeBufferPointer(start: base, count: count))
    }

    /// Calls a closure with the elements' memory for writing; copies it first when it is shared or a file's.
    public mutating func withUnsafeMutableBufferPointer<Result>(
        _ body: (UnsafeMutableBufferPointer<Element>) throws -> Result
    ) rethrows -> Result {
        makeUnique()
        defer { withExtendedLifetime(owner) {} }
        return try unsafe body(UnsafeMutableBufferPointer(start: UnsafeMutablePointer(mutating: base), count: count))
    }

    private mutating func makeUnique() {
        if case .memory(var storage) = owner {
            owner = .memory(.none)
            let isUnique = isKnownUniquelyReferenced(&storage)
            owner = .memory(storage)
            if isUnique { return }
        }
        var copy = MappedArray(unsafeUninitializedCount: count)
        unsafe UnsafeMutablePointer(mutating: copy.base).update(from: base, count: count)
        swap(&self, &copy)
    }
}

extension MappedArray: RandomAccessCollection {
    /// The position of the first element: zero.
    @inlinable public var startIndex: Int { 0 }
    /// The position after the last element: the count.
    @inlinable public var endIndex: Int { count }

    /// The element at a position, which must be within the array.
    @inlinable
    public subscript(position: Int) -> Element {
        precondition(position >= 0 && position < count, "index out of range")
        defer { withExtendedLifetime(owner) {} }
        return unsafe base[position]
    }

    /// Calls a closure with the elements' memory, for the algorithms of the standard library.
    @inlinable
    public func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<Element>) throws -> Result
    ) rethrows -> Result? {
        try unsafe withUnsafeBufferPointer(body)
    }
}

extension MappedArray: Equatable where Element: Equatable {
    /// Whether two arrays hold equal elements in the same order.
    public static func == (left: MappedArray, right: MappedArray) -> Bool { left.elementsEqual(right) }
}
