import JSON

/// One figure of the table.
struct Measurement: Sendable {
    /// What it is worth when it is good enough.
    enum Aim: Sendable {
        case none
        case atMost(Double)
        case atLeast(Double)
    }

    let name: String
    let value: Double
    let unit: String
    let aim: Aim
    /// How it was measured, in one line.
    let method: String

    init(_ name: String, _ value: Double, _ unit: String, aim: Aim = .none, method: String) {
        self.name = name
        self.value = value
        self.unit = unit
        self.aim = aim
        self.method = method
    }

    /// Whether the value is as good as it should be; `nil` without an aim.
    var isMet: Bool? {
        switch aim {
        case .none: nil
        case .atMost(let limit): value <= limit
        case .atLeast(let limit): value >= limit
        }
    }

    var json: JSON {
        var json: JSON = ["name": .string(name), "value": .double(value), "unit": .string(unit)]
        switch aim {
        case .none: break
        case .atMost(let limit): json["aim"] = ["atMost": .double(limit)]
        case .atLeast(let limit): json["aim"] = ["atLeast": .double(limit)]
        }
        if let isMet { json["isMet"] = .bool(isMet) }
        json["method"] = .string(method)
        return json
    }
}

/// Measurements in aligned columns.
struct MeasurementTable {
    let measurements: [Measurement]

    var lines: [String] {
        let heading = ["MEASUREMENT", "VALUE", "UNIT", "AIM", "METHOD"]
        let rows = [heading] + measurements.map(cells)
        let widths = heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let padded = zip(row, widths).enumerated().map { index, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                if index == row.count - 1 { return cell.0 }
                return index == 1 ? space + cell.0 : cell.0 + space
            }
            return padded.joined(separator: "  ")
        }
    }

    private func cells(_ measurement: Measurement) -> [String] {
        [
            measurement.name, measurement.value.rounded3, measurement.unit, aim(measurement),
            measurement.method,
        ]
    }

    private func aim(_ measurement: Measurement) -> String {
        let met = measurement.isMet == true ? "met" : "missed"
        switch measurement.aim {
        case .none: return ""
        case .atMost(let limit): return "≤ \(limit.rounded3), \(met)"
        case .atLeast(let limit): return "≥ \(limit.rounded3), \(met)"
        }
    }
}

extension Double {
    /// With three digits that count, and a comma between thousands.
    var rounded3: String {
        guard self != 0, isFinite else { return "0" }
        var places = 0
        var scaled = magnitude
        while scaled < 100, places < 6 {
            scaled *= 10
            places += 1
        }
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        let rounded = (self * scale).rounded() / scale
        guard places == 0 else { return String(rounded).hasSuffix(".0") ? String(Int(rounded)) : String(rounded) }
        var digits = String(Int(rounded.magnitude))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (rounded < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }
}
