package import GRDB
package import Primitives

/// An append-only ledger table for results that runs reveal: the caller's columns and `session`.
///
/// The rows are written in the transaction of the log's entry, so that both are there or neither.
package struct ResultTable {
    private let table: LedgerTable

    /// - Parameter columns: of a row, without `session`, which comes last.
    package init(name: String, columns: [LedgerColumn]) throws(LedgerError) {
        table = try LedgerTable(
            name: name, kind: .appendOnly, columns: columns + [LedgerColumn("session", .text)],
            primaryKey: [])
    }

    /// Appends the rows that a session revealed; makes the table before the first of them.
    ///
    /// - Throws: ``LedgerError/malformed(_:)`` if the table exists with other columns.
    package func append(
        _ rows: [[LedgerValue]], session: Digest, principal: String, in database: Database,
        clock: any ParleyClock, randomness: any RandomSource
    ) throws {
        try LedgerTables.transaction(
            in: database, principal: principal, clock: clock, randomness: randomness
        ) { transaction in
            try transaction.createIfMissing(table)
            try transaction.insert(rows.map { $0 + [.text(session.hex)] }, into: table.name)
        }
    }
}
