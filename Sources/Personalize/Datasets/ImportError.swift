/// One fault in the CSV files of an import.
public struct ImportFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name of the file; `nil` when it is about all of them.
    public let file: String?
    /// The line, counted from 1 as an editor does, where the field or record begins.
    public let line: Int?
    /// The name of the column.
    public let column: String?
    /// The fact and, where there is one, the remedy; values are quoted.
    public let message: String

    /// Place, fact and remedy.
    public var description: String {
        let place = [file, line.map { "line \($0)" }, column.map { "column \($0)" }].compactMap(\.self)
        return place.isEmpty ? message : "\(place.joined(separator: ", ")): \(message)"
    }

    init(file: String? = nil, line: Int? = nil, column: String? = nil, _ message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }
}

/// Why an import failed: the first faults and how many there are.
public struct ImportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The first faults, in the order of the files and lines, up to the configured limit.
    public let faults: [ImportFault]
    /// How many faults there are in all.
    public let count: Int

    init(faults: [ImportFault], count: Int) {
        self.faults = faults
        self.count = count
    }

    /// An error that is about all files.
    init(fault: String) {
        self.init(faults: [ImportFault(fault)], count: 1)
    }

    /// The faults, one a line, and how many more there are.
    public var description: String {
        var lines = faults.map(\.description)
        if count > faults.count { lines.append("… and \(count - faults.count) more faults, \(count) in all") }
        return lines.joined(separator: "\n")
    }
}

/// The first faults of a run, and a count of all.
struct FaultCollector: Sendable {
    private(set) var faults: [ImportFault] = []
    private(set) var count = 0
    let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func add(_ fault: @autoclosure () -> ImportFault) {
        count += 1
        if faults.count < limit { faults.append(fault()) }
    }

    /// Adds the faults of a later block, whose lines are counted from its beginning.
    mutating func add(_ other: FaultCollector, file: String, linesBefore: Int) {
        for fault in other.faults.prefix(limit - faults.count) {
            let line = fault.line.map { $0 + linesBefore }
            faults.append(ImportFault(file: file, line: line, column: fault.column, fault.message))
        }
        count += other.count
    }

    func throwIfAny() throws(ImportError) {
        guard count == 0 else { throw ImportError(faults: faults, count: count) }
    }
}
