/// Rows in aligned columns, for people.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: String...) {
        self.init(headings)
    }

    init(_ headings: [String]) {
        self.headings = headings.map { $0.uppercased() }
    }

    /// The facts of one thing, a row each, under its kind and name.
    init(of kind: String, _ name: String) {
        headings = [kind, name]
    }

    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    /// The table as lines; cells may carry colour, which takes no width.
    var lines: [String] {
        let all = [headings.map { Style.bold($0) }] + rows
        let widths = headings.indices.map { column in all.map { $0[column].visibleWidth }.max() ?? 0 }
        return all.map { row in
            zip(row, widths).enumerated()
                .map { index, cell in
                    index == row.count - 1 ? cell.0 : cell.0.padded(to: cell.1)
                }
                .joined(separator: "  ")
        }
    }

    var isEmpty: Bool { rows.isEmpty }

    func print() {
        for line in lines { Terminal.print(line) }
    }
}

extension String {
    /// The columns a terminal uses for it: escape sequences take none.
    var visibleWidth: Int {
        var width = 0
        var isEscape = false
        for scalar in unicodeScalars {
            if scalar == "\u{1B}" { isEscape = true }
            if !isEscape { width += scalar.properties.generalCategory == .nonspacingMark ? 0 : 1 }
            if isEscape, scalar == "m" { isEscape = false }
        }
        return width
    }

    /// Filled up with spaces to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - visibleWidth))
    }

    /// Cut to a width, with an ellipsis where something is missing.
    func truncated(to width: Int) -> String {
        count <= width ? self : String(prefix(max(0, width - 1))) + "…"
    }
}

/// A share as a bar: `█████░░░░░  50 %`.
func progressBar(_ fraction: Double, width: Int = 24) -> String {
    let share = min(max(fraction, 0), 1)
    let filled = Int((share * Double(width)).rounded(.down))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    return "\(Style.cyan(bar)) \(Int(share * 100)) %"
}
