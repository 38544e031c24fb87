/// What the ledger proves, as parts of a page.
extension LedgerProof {
    var sections: [Markup] {
        var parts: [Markup] = [
            .paragraph(
                "All parties hold the same log and sign its head. These entries are in it; none "
                    + "can be changed, removed or put in later without being noticed.")
        ]
        for entry in entries {
            parts += [
                .subtitle("Entry \(Figures.grouped(entry.index)): \(entry.kind)"),
                .facts([
                    ("Signed by", entry.signers.joined(separator: ", ")),
                    ("Time", Figures.time(entry.time)),
                    ("Leaf hash", entry.leafHash),
                ]),
                .details("What it says", [.verbatim(entry.says.joined(separator: "\n"))]),
            ]
        }
        parts += [
            .subtitle("How to check it alone"),
            .paragraph(
                "With no network, no secret and nobody's help; the policy says whose signatures "
                    + "count, and should come from a party that you trust."),
            .verbatim(commands.joined(separator: "\n")),
            .details(
                "The checkpoint over \(Figures.grouped(size)) entries, as it was signed",
                [.verbatim(checkpoint)]),
        ]
        return parts
    }
}

/// Who approved a script, as parts of a page.
extension RoleSignature {
    static func sections(_ signatures: [RoleSignature]) -> [Markup] {
        guard !signatures.isEmpty else {
            return [
                .paragraph(
                    "The ledger has no signature by role for this script. "
                        + "Every party signed the intent of the run, which has the script's hash.")
            ]
        }
        return [
            .table(
                "Signatures in the ledger", ["Party", "Role", "What", "When", "Entry"],
                signatures.map {
                    [
                        $0.party, $0.role, $0.subject, Figures.time($0.time),
                        $0.entry.map(Figures.grouped) ?? "not yet",
                    ]
                }, numeric: [4])
        ]
    }
}
