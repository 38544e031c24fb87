public import Script

/// A drawing of a data flow: tables above, operators below them, and at the end who learns what.
public struct FlowPicture: Sendable {
    private let flow: DataFlow

    public init(of script: CheckedScript) { flow = DataFlow(of: script) }

    private static let (letter, padding, line) = (7.0, 13.0, 17.0)
    private static let (between, margin) = (34.0, 12.0)
    private static let mostLetters = 46

    private func lines(_ node: Int) -> Int {
        flow.nodes[node].title.count + flow.nodes[node].detail.count
    }

    private func height(_ node: Int) -> Double {
        Self.line * Double(lines(node)) + Self.padding
    }

    public var picture: Picture {
        // 1. Boxes as wide as their texts, in layers as high as their highest box.
        let widths = flow.nodes.map { node in
            let letters = (node.title + node.detail).map { min($0.count, Self.mostLetters) }.max()
            return max(90, Self.letter * Double(letters ?? 0) + 2 * Self.padding)
        }
        let layout = FlowLayout(flow, widths: widths)
        let (left, right) = layout.extent
        var tops: [Double] = []
        var bottom = Self.margin
        let heights = layout.layers.map { layer in
            layer.compactMap { layout.places[$0].node }.map(height).max() ?? 0
        }
        for height in heights {
            tops.append(bottom)
            bottom += height + Self.between
        }

        // 2. Lines first, boxes over them.
        func x(_ place: Int) -> Double { layout.places[place].x - left + Self.margin }
        var shapes = layout.lines.flatMap { line -> [Markup] in
            path(line, layout, tops, heights, x)
        }
        for (index, place) in layout.places.enumerated() {
            guard let node = place.node else { continue }
            shapes += box(node, x(index), tops[place.layer], widths[node])
        }
        return Picture(
            width: right - left + 2 * Self.margin,
            height: bottom - Self.between + Self.margin, title: "Flow of the data",
            description: words, shapes: shapes)
    }

    private func path(
        _ line: [Int], _ layout: FlowLayout, _ tops: [Double], _ heights: [Double],
        _ x: (Int) -> Double
    ) -> [Markup] {
        let point = Figures.point
        var text = ""
        for (upper, lower) in zip(line, line.dropFirst()) {
            let (from, to) = (layout.places[upper], layout.places[lower])
            let start = tops[from.layer] + (from.node.map(height) ?? heights[from.layer])
            let end = tops[to.layer] - (to.node == nil ? 0 : 6)
            let half = (start + end) / 2
            text += text.isEmpty ? "M\(point(x(upper))) \(point(start))" : ""
            text +=
                "C\(point(x(upper))) \(point(half)) \(point(x(lower))) \(point(half)) "
                + "\(point(x(lower))) \(point(end))"
            if to.node == nil { text += "V\(point(tops[to.layer] + heights[to.layer]))" }
        }
        guard let last = line.last else { return [] }
        let (tip, y) = (x(last), tops[layout.places[last].layer])
        return [
            .line(text, class: "flow"),
            .element(
                "polygon",
                [
                    "points": "\(point(tip - 4)),\(point(y - 8)) \(point(tip + 4)),\(point(y - 8)) "
                        + "\(point(tip)),\(point(y - 1))", "class": "tip",
                ]),
        ]
    }

    private func box(_ node: Int, _ x: Double, _ top: Double, _ width: Double) -> [Markup] {
        let content = flow.nodes[node]
        let kind =
            switch content.kind {
            case .given: " given"
            case .work: ""
            case .told: " told"
            }
        let isPlain = content.kind == .work
        let texts =
            content.title.map { ($0, isPlain ? "" : "strong") }
            + content.detail.map { ($0, "faint small") }
        return [
            .box(
                x: x - width / 2, y: top, width: width, height: height(node), class: "node\(kind)",
                round: 6)
        ]
            + texts.enumerated().map { index, text in
                .label(
                    fitting(text.0, Self.mostLetters), x: x,
                    y: top + Self.padding / 2 + Self.line * Double(index) + 13, class: text.1,
                    anchor: "middle")
            }
    }

    /// The same in words.
    private var words: String {
        func names(_ kind: DataFlow.Kind) -> String {
            flow.nodes.filter { $0.kind == kind }.map { $0.title[0] }.joined(separator: "; ")
        }
        return "From \(names(.given)), by \(flow.nodes.count { $0.kind == .work }) operators, to "
            + names(.told)
    }
}
