import Foundation
import Reports
import Script
import Testing

@Suite struct DossierPageTests {
    /// What a run leaves in `report.json`.
    private func record() throws -> RunRecord {
        func json(_ value: some Encodable) throws -> String {
            String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        }
        let text = """
            {"script": "sample", "version": 3, "scriptHash": "\(String(repeating: "9f", count: 32))",
             "session": "\(String(repeating: "5f", count: 32))", "party": "north",
             "period": "2026-11", "choices": ["level=2"], "rerunOf": null, "ring": "z64",
             "security": {"protocolName": "replicated3", "title": "replicated sharing",
               "computingParties": ["north", "south", "west"],
               "inputParties": ["north", "south", "west"],
               "resultParties": ["north", "west"], "threshold": 1,
               "adversary": "semi-honest", "assumptions": "no two pool what they see"},
             "randomness": {"source": "none needed", "amounts": {}},
             "manifest": \(try json(Manifest(of: Sample.script()))),
             "answers": \(try json([Sample.answer(rows: 3)])),
             "tables": [{"name": "payment", "rows": 4711}],
             "costs": \(try json(Sample.costs(["group by payer (line 16)"]))),
             "ledgerFile": "x", "ledgerEntries": 19, "intent": "ab", "outcome": "cd",
             "time": 1795446500}
            """
        return try RunRecord(parsing: Array(text.utf8))
    }

    private func page() throws -> String {
        let record = try record()
        return DossierPage(
            record.document(
                withAnswers: false, flow: FlowPicture(of: try Sample.script()),
                record: Sample.proof, signatures: []),
            script: "script <sample>\n", statement: record.securityStatement,
            keeping: [.init(what: "Transcript", whereKept: "transcripts/", until: "2026-12-23")],
            files: [("script.parley", "the script"), ("ledger/17-intent.json", "the intent")]
        ).html
    }

    @Test("A dossier has script, statement, proofs, retention and its files, in one page")
    func contents() throws {
        let html = try page()
        let text = try TagReader(html).text
        for part in [
            "script &lt;sample&gt;", "t = 1: so many computing parties may pool what they see",
            "Guaranteed output delivery", "no two pool what they see", "2026-12-23",
            "ledger/17-intent.json", Sample.proof.entries[1].leafHash, "sha256sum -c SHA256SUMS",
            "level=2",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        for outside in ["http:", "https:", "src=", "url("] { #expect(!html.contains(outside)) }
    }

    @Test("A dossier tells nothing that a party learned")
    func answers() throws {
        let record = try record()
        #expect(record.answers[0].rows[1][0] == "DE100001")
        #expect(!(try page()).contains("DE10000"))
        #expect(!(try page()).contains("Own tables"))
        let own = RunPage(
            record.document(withAnswers: true, flow: nil, record: nil, signatures: []))
        #expect(own.html.contains("DE100001") && own.html.contains("Own tables"))
    }

    @Test("The security statement names who brings, who computes and who learns")
    func statement() throws {
        let statement = Dictionary(uniqueKeysWithValues: try record().securityStatement)
        #expect(statement["Input parties"] == "north, south, west")
        #expect(statement["Computing parties"] == "north, south, west (n = 3)")
        #expect(statement["Result parties"] == "north, west")
        #expect(statement["Helper"] == "none")
        #expect(statement["Fairness"]?.hasPrefix("not claimed") == true)
    }
}
