/// A page of one file: no script, and nothing that is fetched from anywhere.
struct Page {
    let title: String
    /// Above the title, as in "Report of a run".
    let kind: String
    let purpose: String
    /// The figures under the title.
    let tiles: [(name: String, value: String)]
    let sections: [(id: String, title: String, parts: [Markup])]
    let footer: String

    /// Forbids everything but the page's own style sheet.
    private static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

    var html: String {
        let links = sections.map { section in
            Markup.element(
                "li", [:], [.element("a", ["href": "#\(section.id)"], [.text(section.title)])])
        }
        let header = Markup.element(
            "header", [:],
            [
                .paragraph(kind, class: "kind"),
                .element("h1", [:], [.text(title)]),
                .paragraph(purpose, class: "purpose"),
                .tiles(tiles),
                .element("nav", ["aria-label": "Contents"], [.element("ul", [:], links)]),
            ])
        let body = sections.map { Markup.section($0.title, id: $0.id, $0.parts) }
        return Markup.document(
            .element(
                "html", ["lang": "en"],
                [
                    .element(
                        "head", [:],
                        [
                            .element("meta", ["charset": "utf-8"]),
                            .element(
                                "meta",
                                ["http-equiv": "Content-Security-Policy", "content": Self.policy]),
                            .element(
                                "meta",
                                [
                                    "name": "viewport",
                                    "content": "width=device-width, initial-scale=1",
                                ]),
                            .element("meta", ["name": "referrer", "content": "no-referrer"]),
                            .element("title", [:], [.text(title)]),
                            .style(pageStyle),
                        ]),
                    .element(
                        "body", [:],
                        [
                            header, .element("main", [:], [.all(body)]),
                            .element("footer", [:], [.text(footer)]),
                        ]),
                ]))
    }
}
