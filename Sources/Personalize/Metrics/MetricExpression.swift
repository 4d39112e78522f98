/// What a metric makes of the events of its type.
enum MetricExpression: Sendable, Equatable {
    /// How many there are: `SAMPLECOUNT()`.
    case sampleCount
    /// The sum of a column, of the event or of its item: `SUM(Items.PRICE)`.
    case sum(DatasetType, column: String)

    /// The function's name in reports.
    var function: String {
        switch self {
        case .sampleCount: "samplecount"
        case .sum: "sum"
        }
    }

    /// Reads an expression; `nil` when it is none.
    init?(parsing text: String) {
        let text = text.filter { $0 != " " }
        guard text.last == ")", let parenthesis = text.firstIndex(of: "(") else { return nil }
        let argument = text[text.index(after: parenthesis)...].dropLast()
        switch text[..<parenthesis].uppercased() {
        case "SAMPLECOUNT" where argument.isEmpty: self = .sampleCount
        case "SUM":
            let parts = argument.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty, let type = DatasetType(named: String(parts[0])),
                type == .items || type == .interactions
            else { return nil }
            self = .sum(type, column: String(parts[1]))
        default: return nil
        }
    }
}

extension Schema.ColumnType {
    /// Whether values can be added up.
    var isNumeric: Bool {
        switch self {
        case .float, .double, .int, .long: true
        case .string, .boolean: false
        }
    }
}
