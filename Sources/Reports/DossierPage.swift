import Script

/// The page of a dossier: what a supervisor reads of a run, without what any party learned from it.
public struct DossierPage {
    /// What is kept of the run, where and until when.
    public struct Keeping: Sendable {
        public let what, whereKept, until: String

        public init(what: String, whereKept: String, until: String) {
            (self.what, self.whereKept, self.until) = (what, whereKept, until)
        }
    }

    private let document: RunDocument
    private let script: String
    private let statement: [(name: String, value: String)]
    private let keeping: [Keeping]
    private let files: [(name: String, what: String)]

    /// - Parameters:
    ///   - document: without answers.
    ///   - script: its canonical text.
    ///   - statement: ``RunRecord/securityStatement``.
    ///   - files: those of the dossier, beside this page.
    public init(
        _ document: RunDocument, script: String, statement: [(name: String, value: String)],
        keeping: [Keeping], files: [(name: String, what: String)]
    ) {
        (self.document, self.script, self.statement) = (document, script, statement)
        (self.keeping, self.files) = (keeping, files)
    }

    /// The whole file: equal contents give equal bytes.
    public var html: String {
        let manifest = document.manifest
        var sections: [(id: String, title: String, parts: [Markup])] = [
            ("contents", "What is in this dossier", contents),
            ("manifest", "Who learns what", manifest.sections),
            (
                "script", "The script",
                [
                    .paragraph(
                        "This text, letter by letter, is what was approved and run; its SHA-256 "
                            + "is in the intent that all parties signed."),
                    .verbatim(script),
                ]
            ),
        ]
        if let flow = document.flow {
            sections.append(("flow", "Flow of the data", RunPage.flow(flow)))
        }
        sections += [
            ("signatures", "Who approved it", RoleSignature.sections(document.signatures)),
            (
                "statement", "Security statement",
                [
                    .paragraph("In the words of ISO/IEC 4922-1."), .facts(statement),
                    .paragraph(manifest.security),
                ]
            ),
            ("ledger", "What the ledger has", document.record?.sections ?? []),
            (
                "keeping", "What is kept where, and for how long",
                [
                    .table(
                        "Kept at \(document.party)", ["What", "Where", "Until"],
                        keeping.map { [$0.what, $0.whereKept, $0.until] })
                ]
            ),
            ("cost", "What it cost", document.costs.sections(of: document.party)),
            ("facts", "Facts of this run", [.facts(document.facts)]),
        ]
        return Page(
            title: "\(manifest.script), version \(manifest.version)", kind: "Dossier of a run",
            purpose: manifest.purpose, tiles: tiles, sections: sections,
            footer: "Made by \(document.party) of its own folder and its copy of the ledger. This "
                + "page fetches nothing and runs nothing."
        ).html
    }

    private var tiles: [(name: String, value: String)] {
        [("Made by", document.party)]
            + (document.period.map { [("Period", $0)] } ?? [])
            + (document.time.map { [("Run ended", Figures.day($0))] } ?? [])
            + (document.session.map { [("Session", "\($0.prefix(8))…")] } ?? [])
    }

    private var contents: [Markup] {
        [
            .paragraph(
                "Everything needed to see what was computed, for what purpose, who approved it, "
                    + "what it discloses and under which assumption, with proofs. It holds no "
                    + "party's data and no result: what a recipient learned is with the recipient, "
                    + "and the ledger has commitments to it."),
            .table("Files", ["File", "What it is"], files.map { [$0.name, $0.what] }),
        ]
    }
}
