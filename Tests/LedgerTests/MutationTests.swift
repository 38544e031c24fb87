import Foundation
import GRDB
import Ledger
import Primitives
import TestSupport
import Testing

/// What comes from others, damaged in a hundred thousand ways: each is refused, none crashes or hangs.
///
/// ``MutationCounts`` has the numbers of all suites.
@Suite struct MutationTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1), fixture.completed(1)])
    }

    /// One of several kinds of damage, never none.
    private static func mutate(
        _ bytes: [UInt8], _ generator: inout SeededGenerator
    ) -> [UInt8] {
        var changed = bytes
        repeat {
            let place = Int.random(in: 0..<max(1, changed.count), using: &generator)
            let length = Int.random(in: 1...40, using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0 where !changed.isEmpty:
                changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: changed.removeSubrange(place..<min(changed.count, place + length))
            case 2:
                changed.insert(
                    contentsOf: changed[place..<min(changed.count, place + length)],
                    at: place)
            case 3: changed = Array(changed.prefix(place))
            case 4:
                let words = [
                    "9223372036854775807", "-9223372036854775808", "1e999", "null", "[[[[[[", "{}",
                    "\u{2028}", "\n\n", "\u{0}", "99999999999999999999999999", "\\ud800",
                ]
                let word = words[Int.random(in: 0..<words.count, using: &generator)]
                changed.insert(contentsOf: Array(word.utf8), at: place)
            case 5:
                // A number becomes another one.
                guard let digit = changed[place...].firstIndex(where: { (0x30...0x39) ~= $0 })
                else { continue }
                changed[digit] = UInt8.random(in: 0x30...0x39, using: &generator)
            default: changed.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            }
        } while changed == bytes
        return changed
    }

    @Test("The suites together try 100,000 mutations and more")
    func counts() {
        #expect(MutationCounts.askedFor >= 100_000 && MutationCounts.all >= 150_000)
    }

    @Test("Notes, proofs, policies and checkpoints")
    func signed() throws {
        var generator = SeededGenerator(seed: 11)
        let stored = try fixture.open(0).replica.store.newest()
        let newest = try #require(stored)
        let proof = try fixture.open(0).proof(at: 2)
        let policy = try LedgerPolicyFile(parsing: fixture.parties.policyText)
        let third = try fixture.open(0).replica.store.leafHashes(2..<3)[0]
        for _ in 0..<MutationCounts.notes {
            let note = Self.mutate(newest.note, &generator)
            #expect((try? CosignedCheckpoint(parsing: note, parties: fixture.parties)) == nil)
        }
        for _ in 0..<MutationCounts.proofsInLog {
            let changed = Self.mutate(proof.text, &generator)
            guard let read = try? TlogProof(parsing: changed) else { continue }
            let isSame = read.checkpoint == proof.checkpoint && read.includes(third)
            // Bytes for the application are nobody's signature's business.
            #expect(!isSame || read.extra != nil || (try? policy.verify(read.checkpoint)) == nil)
        }
        let text = Array(fixture.parties.policyText.utf8)
        let newestCheckpoint = try fixture.open(0).checkpoint
        let checkpoint = Array(try #require(newestCheckpoint).text.utf8)
        for _ in 0..<MutationCounts.policies {
            let changed = String(decoding: Self.mutate(text, &generator), as: UTF8.self)
            if let read = try? LedgerPolicyFile(parsing: changed) {
                #expect(read == policy || !read.matches(fixture.parties))
            }
        }
        for _ in 0..<MutationCounts.checkpoints {
            let bytes = String(decoding: Self.mutate(checkpoint, &generator), as: UTF8.self)
            if let read = try? Checkpoint(parsing: bytes) { #expect(read.text == bytes) }
        }
    }

    @Test("Entries")
    func entries() throws {
        var generator = SeededGenerator(seed: 12)
        let originals = try fixture.open(0).replica.store.entries(0..<3).map(\.bytes)
        for number in 0..<MutationCounts.entries {
            let original = originals[number % 3]
            let changed = Self.mutate(original, &generator)
            guard let entry = try? Entry(parsing: changed) else { continue }
            var memo = SignatureMemo()
            guard (try? entry.verify(fixture.parties, &memo)) != nil else { continue }
            // Only the sequencer's time, which the checkpoint fixes, is nobody's statement.
            #expect(try entry.statement == Entry(parsing: original).statement)
            #expect(entry.leafHash != MerkleTree.leafHash(original))
        }
    }

    @Test("Messages between replicas: the replica stays sound, and goes on")
    func messages() throws {
        var generator = SeededGenerator(seed: 13)
        try fixture.open(0).post("text", collection: "c", to: nil)
        let sequencer = try fixture.open(0)
        let pending = try sequencer.replica.carriedStatements()
        let made = try sequencer.replica.sequence(pending).batch
        let batch = try #require(made)
        let newest = try sequencer.replica.store.newest()
        let requests: [ReplicaRequest] = [
            .state, .sign(fixture.intent(2)), .propose(batch), .fetch(0),
            .extend(try sequencer.replica.batches(after: 0, for: "bank-b")), .end,
            .commit(Data(try #require(newest).note)),
            .reject(LedgerFixture.digest("x")),
        ]
        let originals = try requests.map { try CanonicalJSON.encode($0) }
        let victim = try fixture.open(1)
        for number in 0..<MutationCounts.replicaMessages {
            let changed = Self.mutate(originals[number % originals.count], &generator)
            guard
                let request = try? CanonicalJSON.read(
                    ReplicaRequest.self, from: changed, as: "a message")
            else { continue }
            _ = try? victim.replica.answer(request, from: "bank-a", stating: nil)
        }
        #expect(try victim.replica.store.evidence().isEmpty)
        try fixture.synchronize()
        #expect((0..<3).allSatisfy { fixture.audit($0).isSound && fixture.audit($0).entries == 4 })
    }

    @Test("Database files with many damaged bytes: the audit ends, and finds what matters")
    func databases() throws {
        var generator = SeededGenerator(seed: 14)
        let original = Array(try fixture.copy(0))
        for _ in 0..<MutationCounts.databases {
            var changed = original
            for _ in 0..<Int.random(in: 1...40, using: &generator) {
                let place = Int.random(in: 0..<changed.count, using: &generator)
                changed[place] = UInt8.random(in: 0...255, using: &generator)
            }
            try fixture.put(Data(changed), 0)
            let report = fixture.audit(0)
            // Bytes that SQLite does not use may be damaged; then all entries are as they were.
            if report.isSound { #expect(report.entries == 3) }
        }
    }
}

/// A disk that is full or cannot be written: a clear error, and nothing is lost.
@Suite struct DiskTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1)])
    }

    @Test("A full disk, at any party")
    func full() throws {
        for party in 0..<3 {
            try fixture.open(1).post(
                String(repeating: "x", count: 8000), collection: "c", to: nil)
            let before = try fixture.open(0).count
            let results = fixture.session(
                stores: [
                    party: { store in
                        try? store.database.inDatabase {
                            try $0.execute(sql: "PRAGMA max_page_count = 1")
                        }
                        return store
                    }
                ]) { try $0.synchronize(with: $1) }
            let error = #expect(throws: LedgerError.self) { try results[party].get() }
            guard case .storage(let reason)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(reason.contains("full") && reason.contains("check the file and the disk"))
            try fixture.synchronize()
            #expect(try fixture.open(0).count == before + 1)
            #expect((0..<3).allSatisfy { fixture.audit($0).isSound })
        }
    }

    @Test("A place where nothing can be written, a folder, a file that is no ledger")
    func places() throws {
        let text = fixture.folder.appendingPathComponent("text")
        try Data(repeating: 0x41, count: 5000).write(to: text)
        for place in ["/proc/ledger.sqlite", fixture.folder.path, text.path] {
            let error = #expect(throws: LedgerError.self) {
                try SQLiteLedgerStore(file: URL(fileURLWithPath: place))
            }
            guard case .storage(let reason)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(reason.contains(place) && reason.contains("check"))
        }
    }
}
