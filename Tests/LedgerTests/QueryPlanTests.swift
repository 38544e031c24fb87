import Foundation
import GRDB
import Ledger
import LedgerFixture
import Primitives
import Synchronization
import Testing

/// What a party does costs the same however long the log is.
@Suite struct QueryPlanTests {
    let fixture: LedgerFixture

    init() throws { fixture = try LedgerFixture() }

    @Test("No statement of a session goes through all entries")
    func noScans() throws {
        let statements = Mutex(Set<String>())
        @Sendable func trace(_ ledger: SharedLedger) throws {
            let store = try #require(ledger.replica.store as? SQLiteLedgerStore)
            store.database.inDatabase { database in
                database.trace { event in
                    let text = "\(event)"
                    statements.withLock { _ = $0.insert(text) }
                }
            }
        }
        let note = try fixture.open(1).post("text", collection: "c", to: ["bank-c"])
        try fixture.open(2).post("other", collection: "c", to: nil)
        func synchronize() throws {
            let results = fixture.session { ledger, peers in
                try trace(ledger)
                try ledger.synchronize(with: peers)
            }
            for result in results { try result.get() }
        }
        try synchronize()
        _ = try fixture.open(1).erase(note)
        _ = try fixture.open(0).propose(.setSequencer("bank-b"))
        try synchronize()
        let ledger = try fixture.open(0)
        try trace(ledger)
        _ = try ledger.proof(at: 1)
        _ = try ledger.replica.batches(after: 1, for: "bank-c")
        try ledger.replica.store.dropOutgoing(to: "bank-c", below: 2)

        let found = statements.withLock(\.self).filter { sql in
            ["SELECT", "INSERT", "DELETE", "UPDATE"].contains { word in
                sql.trimmingCharacters(in: .whitespacesAndNewlines).hasPrefix(word)
            }
        }
        #expect(found.count > 15)
        let store = try #require(ledger.replica.store as? SQLiteLedgerStore)
        try store.database.inDatabase { database in
            for sql in found {
                let plan = try Row.fetchAll(
                    database,
                    sql: "EXPLAIN QUERY PLAN " + sql.replacingOccurrences(of: "?", with: "NULL")
                ).map { $0["detail"] as String }
                // The index of the few entries that rule is read whole; what drives an IN is too.
                let scans = plan.filter {
                    $0.hasPrefix("SCAN e") && !$0.contains("entries_that_rule")
                        || $0.contains("entries") && $0.contains("FOR IN-OPERATOR")
                }
                #expect(scans.isEmpty, "\(sql): \(plan)")
            }
        }
    }
}
