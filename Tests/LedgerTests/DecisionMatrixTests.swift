import Foundation
import GRDB
import Ledger
import Primitives
import Testing

/// The decision matrix of the founding article (figure 7), its four rows about relational data: in
/// each our ledger meets what the column *SQL ledger* asks for and what *ACL* asks for.
///
/// The rows about files and the decentralized system are tested on the log.
@Suite struct DecisionMatrixTests {
    let fixture: TablesFixture
    let digests: [TablesDigest]

    init() throws {
        fixture = try TablesFixture()
        digests = try fixture.fill()
    }

    /// A leaf for the digest, as the log of all parties takes it.
    private func entry(_ digest: TablesDigest) -> Digest {
        MerkleTree.leafHash(Array(digest.json.utf8))
    }

    @Test("Centralized system that requires tamper-evidence")
    func centralized() throws {
        // SQL: one party keeps the database, and an altered row is found with its key.
        #expect(try fixture.tables.verify(digests).isSound)
        // ACL: evidence rests outside: whoever holds the digests finds a history written anew.
        let other = try TablesFixture()
        _ = try other.fill()
        #expect(try other.tables.verify(digests).isSound, "the same writes give the same digests")
        let rewritten = try TablesFixture()
        try rewritten.createTables()
        #expect(try rewritten.tables.verify([rewritten.tables.digest()]).isSound)
        #expect(try !rewritten.tables.verify(digests).isSound)
        try fixture.tamper("UPDATE accounts SET balance = 0 WHERE id = 1")
        #expect(try fixture.tables.verify(digests).findings.first?.key == "id = 1, id = 2, id = 3")
    }

    @Test("Protecting relational data from tampering")
    func relationalData() throws {
        // SQL: writes past the ledger are refused, and the history keeps every earlier state.
        #expect(throws: (any Error).self) { try fixture.write("UPDATE accounts SET balance = 0") }
        let earlier =
            "SELECT balance FROM accounts_Ledger WHERE id = 2 AND ledger_operation_type = 1"
        #expect(try fixture.query(earlier).sorted() == ["20.0", "25.0", "26.0"])
        // ACL: nothing can be removed unnoticed by the keeper either, the catalogue included.
        try fixture.write("DROP TABLE alerts")
        #expect(try !fixture.tables.verify(digests).isSound)
    }

    @Test("Secure off-chain store of chain data in a blockchain")
    func chainData() throws {
        // SQL: rows stay in the database and refer to the log by the entry's hash.
        let results = try ResultTable(
            name: "chain_data", columns: [LedgerColumn("entry", .text), .init("cents", .integer)])
        let session = SHA256.hash([1])
        try fixture.queue.write { database in
            try results.append(
                [[.text(session.hex), .integer(5)]], session: session, principal: "bank-a",
                in: database, clock: fixture.clock, randomness: fixture.randomness)
        }
        let digest = try fixture.tables.digest()
        // ACL: the log holds nothing but digests, and a proof that this one is in it.
        let leaves = (digests + [digest]).map(entry)
        let proof = MerkleTree.inclusionProof(of: 2, in: leaves)
        let root = MerkleTree.root(of: leaves)
        #expect(
            MerkleTree.verifyInclusion(
                of: entry(digest), index: 2, size: 3, root: root, proof: proof))
        #expect(try fixture.tables.verify([digest]).isSound)
        #expect(!digest.json.contains("cents"))
        try fixture.tamper("UPDATE chain_data SET cents = 6")
        #expect(try !fixture.tables.verify([digest]).isSound)
    }

    @Test("Rich queryability of relational data")
    func queries() throws {
        // SQL: joins, groups and windows over current rows, history and catalogue.
        let sql = """
            SELECT t.principal_name, count(*), sum(v.balance) FROM accounts_Ledger v
            JOIN database_ledger_transactions t ON t.transaction_id = v.ledger_transaction_id
            GROUP BY t.principal_name ORDER BY t.principal_name
            """
        #expect(try fixture.query(sql) == ["auditor|1|30.0", "clerk|8|196.0"])
        let running = """
            SELECT account, sum(total) OVER (ORDER BY ledger_start_transaction_id,
                ledger_start_sequence_number) FROM alerts
            """
        #expect(try fixture.query(running) == ["A-1|700", "A-2|705", "A-3|711"])
        // ACL: what a query returns is what the digests cover, and a query changes nothing.
        #expect(try fixture.tables.verify(digests).lastVerifiedBlockID == 1)
    }
}
