/// What pages are made of.
extension Markup {
    static func paragraph(_ text: String, class name: String = "") -> Markup {
        .element("p", ["class": name], [.text(text)])
    }

    static func list(_ items: [String]) -> Markup {
        .element("ul", [:], items.map { .element("li", [:], [.text($0)]) })
    }

    /// A section with its heading, which a link can lead to.
    static func section(_ title: String, id: String, _ parts: [Markup]) -> Markup {
        .element(
            "section", ["id": id, "aria-labelledby": "\(id)-title"],
            [.element("h2", ["id": "\(id)-title"], [.text(title)])] + parts)
    }

    static func subtitle(_ text: String) -> Markup { .element("h3", [:], [.text(text)]) }

    /// A part that is folded until somebody wants to read it.
    static func details(_ summary: String, _ parts: [Markup]) -> Markup {
        .element("details", [:], [.element("summary", [:], [.text(summary)])] + parts)
    }

    /// Text as it stands, letter by letter.
    static func verbatim(_ text: String) -> Markup {
        .element("pre", ["tabindex": "0"], [.text(text)])
    }

    static func code(_ text: String) -> Markup { .element("code", [:], [.text(text)]) }

    /// A table with a head; each row has a cell for each column.
    ///
    /// - Parameter numeric: the columns that stand on the right.
    static func table(
        _ caption: String, _ columns: [String], _ rows: [[String]], numeric: Set<Int> = []
    ) -> Markup {
        let head = columns.enumerated().map { index, name in
            Markup.element(
                "th", ["scope": "col", "class": numeric.contains(index) ? "number" : ""],
                [.text(name)])
        }
        let body = rows.map { row in
            Markup.element(
                "tr", [:],
                row.enumerated().map { index, cell in
                    .element(
                        "td", ["class": numeric.contains(index) ? "number" : ""], [.text(cell)])
                })
        }
        return .element(
            "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
            [
                .element(
                    "table", [:],
                    [
                        .element("caption", [:], [.text(caption)]),
                        .element("thead", [:], [.element("tr", [:], head)]),
                        .element("tbody", [:], body),
                    ])
            ])
    }

    /// Names and what they stand for.
    static func facts(_ facts: [(name: String, value: String)]) -> Markup {
        .element(
            "dl", ["class": "facts"],
            facts.flatMap {
                [
                    .element("dt", [:], [.text($0.name)]),
                    .element("dd", [:], [.text($0.value)]),
                ]
            })
    }

    /// A few figures that matter, large.
    static func tiles(_ figures: [(name: String, value: String)]) -> Markup {
        .element(
            "dl", ["class": "tiles"],
            figures.map {
                .element(
                    "div", [:],
                    [
                        .element("dt", [:], [.text($0.name)]),
                        .element("dd", [:], [.text($0.value)]),
                    ])
            })
    }

    /// A picture in a page, with what it shows for those who do not see it.
    static func figure(_ picture: Picture, caption: String) -> Markup {
        .element(
            "figure", [:],
            [
                .element("div", ["class": "scroll", "tabindex": "0"], [picture.inline]),
                .element("figcaption", [:], [.text(caption)]),
            ])
    }
}
