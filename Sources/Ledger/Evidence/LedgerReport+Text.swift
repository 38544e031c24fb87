import Primitives

extension LedgerReport {
    /// A sound ledger in a few lines for people.
    public func summary(of name: String) -> String {
        var lines = [
            "\(name): \(counted(entries, "entry")) verified under \(counted(checkpoints, "checkpoint")), kept by "
                + "\(parties.joined(separator: ", ")) (\(needed) of \(parties.count) cosign)"
        ]
        if !membershipChanges.isEmpty, membershipChanges != [0] {
            lines.append(
                "  membership made by entries \(membershipChanges.map(String.init).joined(separator: ", "))"
            )
        }
        lines += keptLines
        for service in services {
            lines.append(
                "  entry \(service.entry): \(service.party) signs receipts under the service "
                    + "certificate with SHA-256 \(service.fingerprint.hex)")
        }
        if withoutContent > 0 {
            lines.append("  \(withoutContent) contents are not here: for others alone, or erased")
        }
        if let tableTransactions {
            let block = lastVerifiedBlockID.map { "block \($0)" } ?? "no block"
            lines.append(
                "  \(counted(tableTransactions, "transaction")) of ledger tables verified, \(block) confirmed by a "
                    + "digest")
        }
        for run in unfinished {
            lines.append(
                "  entry \(run.entry): the run \(run.session.hex.prefix(16))… has no outcome: it "
                    + "was interrupted, or goes on")
        }
        if waiting > 0 {
            lines.append("  \(waiting) entries after these wait for the others' cosignatures")
        }
        if pending > 0 { lines.append("  \(pending) own statements are not in the log yet") }
        return lines.joined(separator: "\n")
    }

    /// The newest of the checkpoints that were kept elsewhere, and how many there are besides.
    private var keptLines: [String] {
        let newest = kept.sorted { $0.entries > $1.entries }
        let lines = newest.prefix(Self.keptShown).map { kept in
            let what = kept.entry.map { "a proof of entry \($0), checkpoint" } ?? "a checkpoint"
            return "  contains \(kept.file): \(what) of \(kept.entries) entries"
        }
        let others = newest.count - lines.count
        return others > 0 ? lines + ["  contains \(others) older ones given"] : lines
    }

    private static let keptShown = 5
}
