import MPC

/// What each operator cost, side by side: bars of seconds and of bytes sent, each on its own scale.
struct CostPicture {
    private struct Bar {
        let name: String
        let seconds: Double
        let bytes: Int
    }

    private let bars: [Bar]
    private let party: String

    private static let (left, gap, right) = (300.0, 120.0, 84.0)
    private static let (top, step, thickness) = (34.0, 24.0, 14.0)
    private static let width = 960.0
    /// More are added up in one line.
    private static let most = 24

    /// - Parameter party: whose costs they are.
    init(_ costs: CostReport, of party: String) {
        let spent = costs.rows.map {
            Bar(name: $0.operator, seconds: $0.cost.seconds, bytes: $0.cost.bytesSent)
        }
        let seen = spent.filter { $0.bytes > 0 || $0.seconds >= 0.000_5 }
        // The largest, in the order in which they ran.
        let weights = seen.map {
            $0.seconds / max(1e-9, costs.total.seconds)
                + Double($0.bytes) / Double(max(1, costs.total.bytesSent))
        }
        let kept = Set(
            seen.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }.prefix(Self.most))
        var bars = seen.indices.filter(kept.contains).map { seen[$0] }
        let rest = seen.indices.filter { !kept.contains($0) }.map { seen[$0] }
        if !rest.isEmpty {
            bars.append(
                Bar(
                    name: "\(rest.count) smaller ones together",
                    seconds: rest.reduce(0) { $0 + $1.seconds },
                    bytes: rest.reduce(0) { $0 + $1.bytes }))
        }
        (self.bars, self.party) = (bars, party)
    }

    var picture: Picture {
        let column = (Self.width - Self.left - Self.gap - Self.right) / 2
        let second = Self.left + column + Self.gap
        let longest = max(1e-9, bars.map(\.seconds).max() ?? 0)
        let largest = Double(max(1, bars.map(\.bytes).max() ?? 0))
        var shapes: [Markup] = [
            .label("operator", x: 0, y: 16, class: "faint"),
            .label("seconds", x: Self.left, y: 16, class: "faint"),
            .label("bytes sent by \(party)", x: second, y: 16, class: "faint"),
            .line(
                "M0 \(Figures.point(Self.top - 10))H\(Figures.point(Self.width))", class: "rule"),
        ]
        for (row, bar) in bars.enumerated() {
            let y = Self.top + Self.step * Double(row)
            let middle = y + Self.thickness - 3
            shapes.append(.label(fitting(bar.name, 46), x: 0, y: middle))
            shapes += Self.bar(
                at: Self.left, y, column * bar.seconds / longest, class: "time",
                Figures.seconds(bar.seconds))
            shapes += Self.bar(
                at: second, y, column * Double(bar.bytes) / largest, class: "sent",
                Figures.bytes(bar.bytes))
        }
        let slowest = bars.max { $0.seconds < $1.seconds }
        return Picture(
            width: Self.width, height: Self.top + Self.step * Double(bars.count) + 2,
            title: "Cost by operator",
            description: slowest.map {
                "The longest is \($0.name) with \(Figures.seconds($0.seconds)); the table below "
                    + "has all figures"
            } ?? "Nothing was spent", shapes: shapes)
    }

    private static func bar(
        at x: Double, _ y: Double, _ length: Double, class name: String, _ figure: String
    ) -> [Markup] {
        (length > 0
            ? [.box(x: x, y: y, width: max(1, length), height: thickness, class: name, round: 2)]
            : []) + [
                .label(
                    figure, x: x + max(1, length) + 6, y: y + thickness - 3, class: "faint small")
            ]
    }
}
