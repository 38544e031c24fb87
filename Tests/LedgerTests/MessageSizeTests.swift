import Foundation
import Ledger
import Primitives
import Synchronization
import Testing

/// No message is longer than what a party receives, whatever is legally in it.
@Suite struct MessageSizeTests {
    /// In JSON each byte of it takes six.
    static let worst = String(repeating: "\u{1}", count: LedgerNote.maxContentsBytes)
    static let collection = String(repeating: "\u{1}", count: LedgerNote.maxCollectionBytes)

    let fixture: LedgerFixture
    let longest = Longest()

    /// The longest message of each party, in bytes.
    final class Longest: Sendable {
        private let counts = Mutex<[Int: Int]>([:])

        func take(_ party: Int, _ count: Int) {
            counts.withLock { $0[party] = max($0[party] ?? 0, count) }
        }

        subscript(party: Int) -> Int { counts.withLock { $0[party] ?? 0 } }
    }

    init() throws {
        fixture = try LedgerFixture(count: 4)
        try fixture.append([])
    }

    private func network(reachable: [Int]? = nil) -> TestNetwork {
        let longest = longest
        return TestNetwork(reachable: reachable) { from, _, bytes in
            longest.take(from, bytes.count)
            return bytes
        }
    }

    private func synchronize() throws {
        for result in fixture.session(over: network(), { try $0.synchronize(with: $1) }) {
            try result.get()
        }
    }

    private func check(moreThan least: Int) {
        for party in 0..<4 {
            #expect(longest[party] <= LedgerMessage.maxBytes, "\(party): \(longest[party])")
        }
        // Otherwise this is not the worst case that it claims to be.
        #expect((0..<4).map { longest[$0] }.max() ?? 0 > least)
    }

    @Test("A state with a prepared batch and pending texts of the worst kind, sealed and open")
    func states() throws {
        let most = Array(repeating: Self.worst, count: Batch.maxCount)
        // Prepared at three of four, and not committed.
        try fixture.open(0).post(most, collection: Self.collection, to: nil)
        fixture.synchronize(interruptedBy: 3, over: network())
        #expect(try fixture.open(1).replica.store.prepared() != nil)
        // And pending: at one for all, at another for some.
        try fixture.open(1).post(most, collection: Self.collection, to: nil)
        try fixture.open(2).post(
            Array(most.prefix(20)), collection: Self.collection, to: ["bank-a", "bank-d"])
        try synchronize()
        check(moreThan: 10 << 20)
        #expect((0..<4).allSatisfy { fixture.audit($0).isSound })
    }

    @Test("Batches for a replica that lost everything")
    func catchUp() throws {
        let most = Array(repeating: Self.worst, count: Batch.maxCount)
        try fixture.open(0).post(most, collection: Self.collection, to: nil)
        try fixture.open(2).post(
            Array(most.prefix(8)), collection: Self.collection, to: ["bank-a", "bank-d"])
        for _ in 0..<2 { try synchronize() }
        #expect(try fixture.open(0).count == 1 + Batch.maxCount + 8)
        for party in [0, 3] {
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: fixture.file(party).path + suffix)
            }
            try synchronize()
            #expect(fixture.audit(party).isSound)
        }
        check(moreThan: 10 << 20)
    }

    @Test("The largest batch that a hostile sequencer can have committed still fits")
    func hostileBatch() throws {
        // 256 entries with as much content as is allowed, far beyond what an honest one puts together.
        let store = try fixture.open(0).replica.store
        let first = try #require(try store.newest()).size
        var (head, entries) = (try fixture.open(0).replica.head(), [NewEntry]())
        let payload = try Payload(
            collection: Self.collection, contents: Self.worst, using: SystemRandomness())
        let statements = (0..<Batch.maxCount).map {
            Statement.note(
                Note(
                    author: "bank-a", recipients: fixture.parties.names, claims: payload.claims,
                    time: LedgerFixture.now - Int64($0)))
        }
        let signed = try Entry.signing(
            statements, by: "bank-a", key: fixture.keys[0].statement,
            origin: fixture.parties.origin)
        for entry in signed {
            let entry = try entry.retimed(to: LedgerFixture.now)
            _ = try head.admit(entry) { (_) throws(LedgerError) in nil }
            entries.append(
                NewEntry(
                    entry, content: Content(statement: entry.statementDigest, payload: payload)))
        }
        let note = try CosignedCheckpoint(
            SequencedCheckpoint(head.checkpoint, key: fixture.keys[0].log),
            Dictionary(
                uniqueKeysWithValues: fixture.keys.indices.map {
                    ($0, Cosignature(head.checkpoint, key: fixture.keys[$0].cosigner, time: 1))
                }), parties: fixture.parties
        ).bytes
        var builder = try TileBuilder(first) { (_, _) throws(LedgerError) in
            try store.leafHashes(0..<first)
        }
        for new in entries { builder.append(new.entry.leafHash) }
        try store.extend(
            first: first, size: head.size, note: note, nodes: builder.nodes, entries, absent: [],
            erasing: [], prepared: nil, isReplacing: false)
        #expect(fixture.audit(0).isSound)
        // The others learn it from bank-a.
        try synchronize()
        #expect(
            (1..<4).allSatisfy { fixture.audit($0).isSound && fixture.audit($0).contents == 256 })
        check(moreThan: 12 << 20)
    }
}
