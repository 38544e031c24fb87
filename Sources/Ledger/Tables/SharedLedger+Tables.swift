import GRDB
public import Primitives

extension SharedLedger {
    /// The party's own database; other stores have no tables.
    private var database: DatabaseQueue {
        get throws(LedgerError) {
            guard let store = replica.store as? SQLiteLedgerStore else {
                throw .malformed("this party's ledger is in a store without SQL tables")
            }
            return store.database
        }
    }

    /// Appends rows that a run revealed to this party to the append-only ledger table `name`.
    ///
    /// - Parameter columns: the names of the text columns; `session` comes last.
    public func keepResults(
        _ rows: [[String]], columns: [String], in name: String, session: Digest
    ) throws(LedgerError) {
        var typed: [LedgerColumn] = []
        for column in columns { typed.append(LedgerColumn(column, .text)) }
        let table = try ResultTable(name: name, columns: typed)
        let (party, clock) = (replica.me, replica.clock)
        let database = try database
        do {
            try database.write { database in
                try LedgerTables.prepare(databaseName: party, in: database)
                try table.append(
                    rows.map { $0.map(LedgerValue.text) }, session: session, principal: party,
                    in: database, clock: clock, randomness: SystemRandomness())
            }
        } catch { throw SQLiteLedgerStore.failure(error, database.path) }
    }

    /// Closes the open block of this party's ledger tables, and records the digest for the log.
    public func digestTables() throws(LedgerError) -> TablesDigest {
        let clock = replica.clock
        let database = try database
        let digest: TablesDigest
        do {
            digest = try database.write { try LedgerTables.digest(in: $0, clock: clock) }
        } catch { throw SQLiteLedgerStore.failure(error, database.path) }
        _ = try state(tables: digest.json)
        return digest
    }
}
