/// The founding article's decision matrix (figure 7): needs, and which of two systems meets each.
///
/// In every row exactly one of the two has a tick. Parley's ledger has both sides: tables with
/// digests, and a log of entries and files that all parties hold and sign.
public enum DecisionMatrix {
    public struct Row: Hashable, Sendable, Encodable {
        public let need: String
        /// Whether SQL Database ledger meets the need, by the article.
        public let sqlLedger: Bool
        /// Whether Azure Confidential Ledger meets it, by the article.
        public let confidentialLedger: Bool
        /// How Parley's ledger meets it.
        public let parley: String

        enum CodingKeys: String, CodingKey {
            case need
            case sqlLedger = "sql_ledger"
            case confidentialLedger = "confidential_ledger"
            case parley
        }
    }

    public static let rows = [
        Row(
            need: "Centralized system that requires tamper-evidence", sqlLedger: true,
            confidentialLedger: false,
            parley: "ledger tables in one party's database, verified against its digests"),
        Row(
            need: "Decentralized system that requires data to be tamper-proof", sqlLedger: false,
            confidentialLedger: true,
            parley: "a log that every party holds and signs; none alone can alter it unnoticed"),
        Row(
            need: "Protecting relational data from tampering", sqlLedger: true,
            confidentialLedger: false,
            parley: "append-only and updatable tables, every row hashed, history kept"),
        Row(
            need: "Protecting unstructured data (files) from tampering", sqlLedger: false,
            confidentialLedger: true,
            parley: "salted hashes of files in the log, the contents beside it"),
        Row(
            need: "Secure off-chain store of chain data in a blockchain", sqlLedger: true,
            confidentialLedger: false,
            parley: "rows in ledger tables, their digests appended to the log"),
        Row(
            need: "Secure off-chain store for files referenced from a blockchain",
            sqlLedger: false, confidentialLedger: true,
            parley: "files in chunks, referenced by the hash in their entry"),
        Row(
            need: "Rich queryability of relational data", sqlLedger: true,
            confidentialLedger: false,
            parley: "SQL over the tables, their history and ledger views"),
        Row(
            need: "Queryability of unstructured stored data", sqlLedger: false,
            confidentialLedger: true,
            parley: "entries listed by collection and number, each with its receipt"),
    ]

    public static let contradiction =
        "the article contradicts itself: its tree (figure 8) offers Azure Confidential Ledger where "
        + "data need not be decentralised, its matrix (figure 7) ticks it for decentralized systems."

    /// For people.
    public static var text: String {
        let width = rows.map(\.need.count).max() ?? 0
        func line(_ need: String, _ cells: [String]) -> String {
            let need = need + String(repeating: " ", count: width - need.count)
            return ([need] + cells).joined(separator: " | ")
        }
        func mark(_ meets: Bool) -> String { meets ? "yes" : "no " }
        var lines = [line("By the article (figure 7)", ["SQL", "ACL", "Parley"])]
        for row in rows {
            lines.append(
                line(row.need, [mark(row.sqlLedger), mark(row.confidentialLedger), "yes, yes"]))
            lines.append("  Parley: " + row.parley)
        }
        return (lines + ["", "Note: " + contradiction]).joined(separator: "\n")
    }

    /// For programs.
    public struct Report: Encodable {
        let rows: [Row]
        let note: String
    }

    public static var report: Report { Report(rows: rows, note: contradiction) }
}
