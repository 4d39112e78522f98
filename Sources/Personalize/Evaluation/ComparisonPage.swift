internal import Recommenders

extension ComparisonReport {
    /// A page with the table and charts, in one piece: nothing is loaded from elsewhere.
    ///
    /// - Parameter title: What was compared, as the name of the folder.
    /// - Returns: The page, in HTML.
    public func page(title: String) -> String {
        let content = ComparisonPage(result: self, title: title)
        return content.text
    }
}

/// The page of a comparison.
private struct ComparisonPage {
    let result: ComparisonReport
    let title: String

    var text: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(Markup.escaped(title)): recipes compared</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <h1>Recipes compared on \(Markup.escaped(title))</h1>
        <p>\(Markup.escaped(result.summary)). \(Markup.escaped(result.comparison.holdOut.summary))
        Thin lines are intervals of 95 % by the bootstrap over users.</p>
        \(result.remarks.map { "<p>\(Markup.escaped($0)).</p>" }.joined(separator: "\n"))
        \(table(result.headings, result.rows))
        \(charts)
        \(segments)
        </body>
        </html>

        """
    }

    private func table(_ headings: [String], _ rows: [[String]]) -> String {
        let head = headings.map { "<th>\(Markup.escaped($0))</th>" }.joined()
        let body = rows.map { row in
            "<tr>" + row.map { "<td>\(Markup.escaped($0))</td>" }.joined() + "</tr>"
        }
        return "<div class=\"wide\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n"
            + body.joined(separator: "\n") + "\n</tbody>\n</table></div>"
    }

    private var charts: String {
        let accuracy = [
            Measure(.normalizedDiscountedCumulativeGain, at: 10), Measure(.recall, at: 10), Measure(.hitRate, at: 10),
        ]
        let bars = accuracy.map { measure in
            BarChart(
                title: measure.heading,
                bars: result.measured.map { name, measured in
                    let estimate = measured.report.estimates[measure]
                    return BarChart.Bar(name, estimate?.mean ?? 0, interval: estimate?.interval)
                }
            )
        }
        let others = [
            BarChart(
                title: "Coverage",
                bars: result.measured.map { BarChart.Bar($0.name, $0.measured.report.coverage) }
            ),
            BarChart(
                title: "Novelty@10, bits",
                bars: result.measured.map { BarChart.Bar($0.name, $0.measured.report[.novelty, at: 10]) }
            ),
            BarChart(
                title: "Training, seconds",
                bars: result.measured.compactMap { name, measured in
                    measured.trainSeconds.map { BarChart.Bar(name, $0) }
                }
            ),
        ]
        return "<div class=\"charts\">\n" + (bars + others).map(\.svg).joined(separator: "\n") + "\n</div>"
    }

    /// NDCG@10 by kind of user, a table for each way to tell users apart.
    private var segments: String {
        let measure = Measure(.normalizedDiscountedCumulativeGain, at: 10)
        let all = result.measured.first?.measured.report.segments ?? []
        var dimensions: [String] = []
        for segment in all where !dimensions.contains(segment.dimension) { dimensions.append(segment.dimension) }
        return dimensions.map { dimension in
            let columns = all.filter { $0.dimension == dimension }
            let rows = result.measured.map { name, measured in
                [name]
                    + measured.report.segments.filter { $0.dimension == dimension }
                    .map { FixedPoint.text($0.means[measure] ?? 0, places: 4) }
            }
            return "<h2>\(measure.heading) by \(Markup.escaped(dimension))</h2>\n"
                + table(["Recipe"] + columns.map { "\($0.name) (\($0.userCount) users)" }, rows)
        }
        .joined(separator: "\n")
    }

    private static let style = """
        :root { color-scheme: light dark; --bar: #2f6f8f; --line: #1b1b1b; --edge: #8884; }
        @media (prefers-color-scheme: dark) { :root { --bar: #6fb3d2; --line: #eee; } }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .8rem; text-align: right; border-bottom: 1px solid var(--edge); white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1.5rem; \
        margin-top: 2rem; }
        svg { width: 100%; height: auto; } svg text { fill: currentColor; font: 12px system-ui, sans-serif; }
        svg .title { font-weight: 600; font-size: 13px; } svg rect { fill: var(--bar); }
        svg line { stroke: var(--line); stroke-width: 1.5; }
        """
}

/// Bars that lie one below the other, as an SVG.
private struct BarChart {
    struct Bar {
        let name: String
        let value: Double
        let interval: ClosedRange<Double>?

        init(_ name: String, _ value: Double, interval: ClosedRange<Double>? = nil) {
            self.name = name
            self.value = value
            self.interval = interval
        }
    }

    let title: String
    let bars: [Bar]

    private static let (width, rowHeight, top, left, right) = (440.0, 22.0, 26.0, 190.0, 56.0)

    var svg: String {
        let height = Self.top + Double(bars.count) * Self.rowHeight + 6
        let label = Markup.escaped("\(title) of each recipe")
        return "<svg viewBox=\"0 0 \(Self.number(Self.width)) \(Self.number(height))\" role=\"img\" "
            + "aria-label=\"\(label)\">\n<text class=\"title\" x=\"0\" y=\"14\">\(Markup.escaped(title))</text>\n"
            + bars.enumerated().map { row($0.element, at: Self.top + Double($0.offset) * Self.rowHeight) }
            .joined(separator: "\n") + "\n</svg>"
    }

    private func row(_ bar: Bar, at top: Double) -> String {
        let greatest = bars.map { max($0.value, $0.interval?.upperBound ?? 0) }.max() ?? 0
        let scale = greatest > 0 ? (Self.width - Self.left - Self.right) / greatest : 0
        let middle = top + Self.rowHeight / 2
        let length = max(0, bar.value) * scale
        let end = Self.left + max(length, (bar.interval?.upperBound ?? 0) * scale)
        var parts = [
            "<text x=\"0\" y=\"\(Self.number(middle + 4))\">\(Markup.escaped(bar.name))</text>",
            "<rect x=\"\(Self.number(Self.left))\" y=\"\(Self.number(top + 3))\" width=\"\(Self.number(length))\" "
                + "height=\"\(Self.number(Self.rowHeight - 6))\"/>",
            "<text x=\"\(Self.number(end + 6))\" y=\"\(Self.number(middle + 4))\">"
                + "\(FixedPoint.text(bar.value, places: bar.value >= 10 ? 1 : 3))</text>",
        ]
        if let interval = bar.interval {
            let (from, to) = (Self.left + interval.lowerBound * scale, Self.left + interval.upperBound * scale)
            let y = Self.number(middle)
            parts.append("<line x1=\"\(Self.number(from))\" y1=\"\(y)\" x2=\"\(Self.number(to))\" y2=\"\(y)\"/>")
        }
        return parts.joined()
    }

    private static func number(_ value: Double) -> String { FixedPoint.text(value, places: 1) }
}

/// Text in HTML.
private enum Markup {
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
