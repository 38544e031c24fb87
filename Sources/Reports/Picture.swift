/// A drawing in SVG, whose colours are those of the page that it stands in.
public struct Picture: Sendable {
    let width, height: Double
    /// What it is, in a line, and what it shows, for those who do not see it.
    let title, description: String
    let shapes: [Markup]

    /// Inside a page.
    var inline: Markup {
        .element(
            "svg",
            [
                "viewBox": viewBox, "width": Figures.point(width),
                "height": Figures.point(height), "role": "img",
                "aria-label": "\(title). \(description)",
            ], shapes)
    }

    /// A file of its own: the text of an SVG document, light or dark as its reader prefers.
    public var document: String {
        let root = Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "viewBox": viewBox,
                "width": Figures.point(width), "height": Figures.point(height), "role": "img",
                "class": "alone",
            ],
            [
                .element("title", [:], [.text(title)]),
                .element("desc", [:], [.text(description)]),
                .style(pictureStyle),
                .element(
                    "rect", ["class": "ground", "width": "100%", "height": "100%"]),
            ] + shapes)
        return root.source + "\n"
    }

    private var viewBox: String { "0 0 \(Figures.point(width)) \(Figures.point(height))" }
}

extension Markup {
    /// A line of text in a picture.
    static func label(
        _ text: String, x: Double, y: Double, class name: String = "", anchor: String = "start"
    ) -> Markup {
        .element(
            "text",
            [
                "x": Figures.point(x), "y": Figures.point(y), "class": name,
                "text-anchor": anchor,
            ], [.text(text)])
    }

    static func box(
        x: Double, y: Double, width: Double, height: Double, class name: String, round: Double = 3
    ) -> Markup {
        .element(
            "rect",
            [
                "x": Figures.point(x), "y": Figures.point(y), "width": Figures.point(width),
                "height": Figures.point(height), "rx": Figures.point(round), "class": name,
            ])
    }

    static func line(_ path: String, class name: String) -> Markup {
        .element("path", ["d": path, "class": name])
    }
}

/// Text that fits into so many letters, with an ellipsis if it was cut.
func fitting(_ text: String, _ letters: Int) -> String {
    text.count <= letters ? text : text.prefix(max(1, letters - 1)) + "…"
}
