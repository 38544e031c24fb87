import MPC

/// The course of a run: its operators one after the other, on an axis of seconds.
///
/// Operators follow one another; one that runs several times is drawn where it ran first, with all
/// its time. What no operator accounts for comes last.
struct PhasePicture {
    private let rows: [CostReport.Row]
    private let total: Double

    private static let (width, left, right) = (960.0, 300.0, 24.0)
    private static let (top, step, thickness) = (30.0, 22.0, 12.0)

    init(_ costs: CostReport) {
        total = max(1e-9, costs.rows.reduce(0) { $0 + max(0, $1.cost.seconds) })
        rows = costs.rows
    }

    var picture: Picture {
        let scale = (Self.width - Self.left - Self.right) / total
        var (shapes, now, line): ([Markup], Double, Int) = ([], 0, 0)
        var smaller = 0.0
        for row in rows {
            let seconds = max(0, row.cost.seconds)
            // Too short to be seen: they move what follows, and are told in a line at the end.
            guard seconds >= total / 500 else {
                (now, smaller) = (now + seconds, smaller + seconds)
                continue
            }
            let y = Self.top + Self.step * Double(line)
            shapes += [
                .label(
                    fitting("\(row.phase == "all" ? "" : "\(row.phase): ")\(row.operator)", 46),
                    x: 0, y: y + Self.thickness - 2),
                .box(
                    x: Self.left, y: y, width: Self.width - Self.left - Self.right,
                    height: Self.thickness, class: "track", round: 2),
                .box(
                    x: Self.left + now * scale, y: y, width: max(1.5, seconds * scale),
                    height: Self.thickness, class: "time", round: 2),
            ]
            (now, line) = (now + seconds, line + 1)
        }
        let bottom = Self.top + Self.step * Double(line)
        return Picture(
            width: Self.width, height: bottom + 4, title: "Course of the run",
            description: "\(line) operators over \(Figures.seconds(total))"
                + (smaller > 0
                    ? "; shorter ones together \(Figures.seconds(smaller)), not drawn" : ""),
            shapes: Self.axis(total, scale, to: bottom) + shapes)
    }

    /// Up to six marks at round numbers of seconds.
    private static func axis(_ total: Double, _ scale: Double, to bottom: Double) -> [Markup] {
        var unit = 1e-6
        let factors = [2, 2.5, 2]
        var turn = 0
        while total / unit > 6 { (unit, turn) = (unit * factors[turn % 3], turn + 1) }
        return (0...Int(total / unit)).flatMap { mark in
            let x = left + Double(mark) * unit * scale
            return [
                Markup.line(
                    "M\(Figures.point(x)) \(Figures.point(top - 8))V\(Figures.point(bottom))",
                    class: "rule"),
                .label(
                    Figures.mark(Double(mark) * unit), x: x, y: 14,
                    class: "faint small", anchor: "middle"),
            ]
        }
    }
}
