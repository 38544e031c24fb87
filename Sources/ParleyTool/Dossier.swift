import Foundation
import Ledger
import Networking
import Primitives
import Reports
import Runner
import Script

/// The files of a run for a supervisor.
struct Dossier {
    private struct File {
        let name: String
        let what: String
        let bytes: [UInt8]
    }

    private struct Statement: Encodable {
        let name, value: String
    }

    private let run: RunFolder
    private let ledger: RunLedger
    private let roster: [UInt8]

    init(_ run: RunFolder, _ ledger: RunLedger, roster: [UInt8]) {
        (self.run, self.ledger, self.roster) = (run, ledger, roster)
    }

    /// Writes them into a new folder, with their hashes.
    ///
    /// - Returns: how many.
    func write(to folder: URL) throws -> Int {
        // 1. What programs read, then the page that lists it.
        var files = try data()
        let page = DossierPage(
            run.document(inDossier: true, ledger), script: run.script,
            statement: run.record.securityStatement, keeping: keeping,
            files: files.map { ($0.name, $0.what) }
                + [("SHA256SUMS", "SHA-256 of every file: sha256sum -c SHA256SUMS")])
        files.insert(
            File(name: "dossier.html", what: "this page", bytes: Array(page.html.utf8)), at: 0)

        // 2. Their hashes, in the form of sha256sum.
        let sums = files.map { "\(SHA256.hash($0.bytes).hex)  \($0.name)\n" }.joined()
        files.append(File(name: "SHA256SUMS", what: "", bytes: Array(sums.utf8)))

        // 3. All of it, or an error and no folder of this name before.
        do {
            let manager = FileManager.default
            try manager.createDirectory(at: folder, withIntermediateDirectories: false)
            try manager.createDirectory(
                at: folder.appending(path: "ledger"), withIntermediateDirectories: false)
            for file in files {
                try AtomicFile.write(
                    file.bytes, to: folder.appending(path: file.name), overwriting: false)
            }
        } catch {
            throw RunFailure(
                .cannotCreate,
                "\(folder.path) cannot be made; --out names a new folder in one that is there")
        }
        return files.count
    }

    private func data() throws -> [File] {
        let record = run.record
        let statement = record.securityStatement.map { Statement(name: $0.name, value: $0.value) }
        return [
            File(
                name: "script.parley", what: "the script that was run",
                bytes: Array(run.script.utf8)),
            File(
                name: "manifest.txt", what: "who learns what, for people",
                bytes: Array(record.manifest.text.utf8)),
            File(
                name: "manifest.json", what: "the same for programs",
                bytes: Array(try encodedJSON(record.manifest))),
            File(
                name: "security.json", what: "the security statement",
                bytes: Array(try encodedJSON(statement))),
            File(
                name: "costs.json", what: "what the run cost, by operator",
                bytes: Array(try encodedJSON(record.costs))),
            File(
                name: "approvals.json", what: "signatures by role that are in the ledger",
                bytes: Array(try encodedJSON(ledger.signatures))),
            File(name: "roster.json", what: "the parties and their keys", bytes: roster),
            File(
                name: "ledger/policy.txt",
                what: "whose signatures count (C2SP tlog-policy); compare it with other parties'",
                bytes: Array(ledger.policy.utf8)),
            File(
                name: "ledger/checkpoint.txt", what: "the ledger's head, as it was signed",
                bytes: ledger.checkpoint),
        ]
            + ledger.items.flatMap { item in
                [
                    File(
                        name: "ledger/\(item.name).json",
                        what: "the entry: \(item.kind), with its signatures", bytes: item.bytes),
                    File(
                        name: "ledger/\(item.name).tlog-proof",
                        what: "that it is in the ledger (C2SP tlog-proof)", bytes: item.proof.text),
                ]
            }
    }

    // MARK: Retention

    private var keeping: [DossierPage.Keeping] {
        let transcript = try? TranscriptReader.header(of: run.party.transcriptFile(of: run.session))
        let expiry = transcript.map {
            Date(timeIntervalSince1970: Double($0.expires)).formatted(.iso8601)
        }
        return [
            .init(
                what: "Shares of others' tables, and all that is computed from them",
                whereKept: "the memory of the run's process", until: "the end of the run"),
            .init(
                what: "Transcript with which the run can be replayed to an auditor",
                whereKept: "transcripts/, encrypted under a key from the run's seed",
                until: expiry ?? "it is not, or no longer, kept"),
            .init(
                what: "Secrets that open the commitments to the inputs",
                whereKept: "commitments/, readable by the party alone",
                until: "the party deletes them"),
            .init(
                what: "Script, report, and what the party learned",
                whereKept: "runs/\(run.session.hex.prefix(16))…/, readable by the party alone",
                until: "the party deletes them"),
            .init(
                what: "What the party learned, once more, as rows that nobody can change unnoticed",
                whereKept: "table reveals of ledger.sqlite, readable by the party alone",
                until: "for good"),
            .init(
                what: "Intent and outcome: hashes, commitments, most rows, times, signatures",
                whereKept: "the log of all parties, in every party's ledger.sqlite",
                until: "for good; it holds no row and no result"),
            .init(
                what: "Proof that the outcome is in the ledger", whereKept: "receipts/",
                until: "the party deletes it"),
        ]
    }
}
