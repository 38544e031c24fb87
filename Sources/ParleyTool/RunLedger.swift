import Foundation
import Ledger
import Networking
import Primitives
import Reports
import Runner

/// The entries of the ledger that are about one run, each with its proof.
struct RunLedger {
    struct Item {
        /// As in "17-intent": how its files are called.
        let name: String
        let kind: String
        let bytes: [UInt8]
        let proof: TlogProof
    }

    let items: [Item]
    let checkpoint: [UInt8]
    /// The keys whose signatures count, as `parley-audit` reads them.
    let policy: String
    private let entries: [LedgerProof.Entry]
    private let size: Int
    let signatures: [RoleSignature]

    /// Audits the whole ledger first: nothing of one that is not sound counts.
    init(_ run: RunFolder, roster: Roster) throws {
        let ledger = try run.party.sharedLedger(roster)
        let session = run.session.hex
        // 1. The audit, and that the run is in the ledger.
        let intent = try RunEntries(
            session: session, in: run.party.ledgerFile, roster: roster
        ).intent
        guard intent.program.hash.hex == run.record.scriptHash else {
            throw RunFailure(
                .badInput, "the ledger's intent of session \(session) is of another script")
        }

        // 2. Its intent and ends, and what else names the session or the script.
        var found: [LedgerRecord] = []
        try LedgerRecord.read(file: run.party.ledgerFile) { record in
            guard record.index != nil else { return }
            let isOwn =
                if let other = record.statement.session {
                    other == run.session
                } else {
                    try record.names(session) || record.names(run.record.scriptHash)
                }
            if isOwn { found.append(record) }
        }

        // 3. Proofs, all against the newest checkpoint.
        var (items, entries): ([Item], [LedgerProof.Entry]) = ([], [])
        for record in found {
            guard let index = record.index, let leafHash = record.leafHash else { continue }
            let kind = record.statement.kind.rawValue
            items.append(
                Item(
                    name: "\(index)-\(kind)", kind: kind, bytes: try ledger.entry(index),
                    proof: try ledger.proof(at: index)))
            entries.append(
                LedgerProof.Entry(
                    kind: kind, index: index, leafHash: leafHash.hex, signers: record.signers,
                    time: record.time ?? record.statement.time,
                    says: record.summary.split(separator: "\n").map {
                        $0.trimmingCharacters(in: .whitespaces)
                    }))
        }
        self.items = items
        checkpoint = try ledger.cosignedCheckpoint ?? []
        policy = try ledger.parties.policyText
        (self.entries, size) = (entries, try ledger.count)
        signatures = found.compactMap(\.roleSignature)
    }

    /// What pages say: with how to check a dossier, in its folder, or what is in the party's own.
    func proof(inDossier: Bool) -> LedgerProof {
        LedgerProof(
            entries: entries, size: size,
            checkpoint: String(decoding: checkpoint, as: UTF8.self),
            commands: inDossier ? dossierCommands : ownCommands)
    }

    private var dossierCommands: [String] {
        ["# In the folder of the dossier: is every file as it was?", "sha256sum -c SHA256SUMS"]
            + ["# Is each entry in the ledger that all parties signed?"]
            + items.map {
                "parley-audit proof ledger/\($0.name).tlog-proof --policy ledger/policy.txt "
                    + "--entry ledger/\($0.name).json"
            }
            + [
                "# At a party, whose file has what it learned, too: does its whole ledger bear it out?",
                "parley-audit ledger bank/ledger.sqlite --policy ledger/policy.txt --checkpoint "
                    + "ledger/checkpoint.txt",
                "# Is the script the one that the intent names?", "sha256sum script.parley",
            ]
    }

    private var ownCommands: [String] {
        [
            "# The keys that count; compare them with other parties'.",
            "parley ledger policy --roster roster.json --directory OWN > policy.txt",
            "# Is the whole ledger sound?",
            "parley-audit ledger OWN/ledger.sqlite --policy policy.txt",
            "# An entry and its proof, for those who do not have the ledger.",
        ]
            + entries.flatMap { entry in
                [
                    "parley ledger prove \(entry.index) --out entry-\(entry.index) "
                        + "--roster roster.json --directory OWN",
                    "parley-audit proof entry-\(entry.index).tlog-proof --policy policy.txt "
                        + "--entry entry-\(entry.index).json",
                ]
            }
    }
}

extension LedgerRecord {
    /// Whether the statement names this digest anywhere.
    fileprivate func names(_ hex: String) throws -> Bool { try jsonLine().contains(hex) }

    /// The role's signature that the statement is; nil if it is none.
    fileprivate var roleSignature: RoleSignature? {
        guard case .approval(let approval) = statement else { return nil }
        let subject = approval.subject
        let verdict = approval.verdict == .approved ? "approved" : "took back its approval of"
        return RoleSignature(
            party: approval.author, role: approval.role,
            subject: "\(verdict) \(subject.script) version \(subject.version)"
                + (approval.until.map { " until \($0)" } ?? "")
                + ", with \(subject.protocol) over \(subject.ring), library \(subject.library)",
            time: approval.time, entry: index)
    }
}
