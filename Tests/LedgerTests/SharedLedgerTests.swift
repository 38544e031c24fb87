import Foundation
import Ledger
import Primitives
import Testing

@Suite struct SharedLedgerTests {
    let fixture: LedgerFixture

    init() throws { fixture = try LedgerFixture() }

    /// MTH of RFC 6962, section 2.1, as it is written there.
    private func root(_ entries: ArraySlice<[UInt8]>) -> [UInt8] {
        guard let first = entries.first else { return SHA256.hash().bytes }
        if entries.count == 1 { return SHA256.hash([0], first).bytes }
        var k = 1
        while k * 2 < entries.count { k *= 2 }
        return SHA256.hash([1], root(entries.prefix(k)), root(entries.dropFirst(k))).bytes
    }

    @Test("Three parties append; all hold the same log, whose roots a separate computation gives")
    func append() throws {
        for number in 1...3 {
            try fixture.append([fixture.intent(number), fixture.completed(number)])
        }
        for party in 0..<3 {
            #expect(fixture.verify(party).findings.isEmpty)
            let contents = try fixture.open(party).store.contents()
            let entries = contents.entries.map(\.bytes)
            #expect(entries.count == 6 && contents.prepared == nil)
            for (index, stored) in contents.checkpoints.enumerated() {
                let cosigned = try CosignedCheckpoint(
                    parsing: stored.note, parties: fixture.parties)
                #expect(cosigned.checkpoint.size == index + 1)
                #expect(cosigned.checkpoint.root.bytes == root(entries.prefix(index + 1)))
            }
        }
        let notes = try (0..<3).map {
            try Data(contentsOf: LedgerFiles(database: fixture.file($0)).checkpoint)
        }
        #expect(Set(notes).count == 1)
        let records = try LedgerRecord.read(file: fixture.file(1), parties: fixture.parties)
        #expect(records.map(\.index) == [0, 1, 2, 3, 4, 5])
        #expect(records[3].statement == (try fixture.completed(2)))
        #expect(records[0].leafHash == (try fixture.intentHash(1)))
    }

    @Test("A position names the entry; the files are the owner's alone")
    func position() throws {
        let intent = fixture.intent(1)
        let results = fixture.session { try $0.append(intent, with: $1) }
        for result in results {
            #expect(
                try result.get()
                    == SharedLedger.Position(index: 0, leafHash: try fixture.intentHash(1)))
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path) {
            let path = fixture.folder.appendingPathComponent(name).path
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o600, "\(name)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).count == 9)
    }

    @Test("Parties that state different things append nothing, and each names another party")
    func disagreement() throws {
        let (one, other) = (fixture.intent(1), fixture.intent(2))
        let results = fixture.session { ledger, peers in
            _ = try ledger.append(ledger.me == 2 ? other : one, with: peers)
        }
        let errors = results.map { result in
            #expect(throws: LedgerError.self) { try result.get() }
        }
        let expected = LedgerError.misbehaved(
            party: "bank-c", step: "sign the statement",
            reason: "it states something else than this party")
        #expect(errors[0] == expected && errors[1] == expected)
        #expect((0..<3).allSatisfy { fixture.verify($0).entries == 0 })
    }

    @Test("An outcome needs its intent in the log, and nothing is appended twice")
    func places() throws {
        let (intent, completed) = (fixture.intent(1), try fixture.completed(1))
        let reason = "an outcome names no intent of its session in the ledger"
        for result in fixture.session({ _ = try $0.append(completed, with: $1) }) {
            #expect(throws: LedgerError.malformed(reason)) { try result.get() }
        }
        #expect(throws: LedgerError.malformed(reason)) {
            try fixture.open(0).recordPending(fixture.aborted(1, by: 0))
        }
        try fixture.append([intent])
        let stranger = Outcome.ended(
            .aborted, session: LedgerFixture.digest("session 2"),
            intent: try fixture.intentHash(1), step: "input", accuser: nil, culprit: nil,
            reason: "another session's intent", time: 0)
        #expect(throws: LedgerError.malformed(reason)) {
            try fixture.open(0).recordPending(stranger)
        }
        for result in fixture.session({ _ = try $0.append(intent, with: $1) }) {
            #expect(throws: LedgerError.malformed("the entry is in the ledger already")) {
                try result.get()
            }
        }
    }

    @Test("What survivors state alone about an aborted run is shown, then cosigned next time")
    func pending() throws {
        try fixture.append([fixture.intent(1)])
        for party in 0...1 {
            let ledger = try fixture.open(party)
            try ledger.recordPending(fixture.aborted(1, by: party))
            try ledger.recordPending(fixture.aborted(1, by: party))
        }
        let before = try LedgerRecord.read(file: fixture.file(0), parties: fixture.parties)
        #expect(before.map(\.index) == [0, nil] && before[1].signers == ["bank-a"])
        #expect(fixture.verify(0).pending == 1 && fixture.verify(0).isSound)
        try fixture.append([fixture.intent(2)])
        for party in 0..<3 {
            let records = try LedgerRecord.read(
                file: fixture.file(party), parties: fixture.parties)
            #expect(records.map(\.signers.count) == [3, 1, 1, 3])
            #expect(records[1].signers == ["bank-a"] && records[2].signers == ["bank-b"])
            #expect(fixture.verify(party).isSound && fixture.verify(party).pending == 0)
        }
    }

    @Test(
        "Whatever a hostile party sends at any step, the others name it and go on next time",
        arguments: [
            "compare the ledgers", "bring in pending statements", "sign the statement",
            "compare the entry", "cosign the checkpoint",
        ],
        [0, 1, 2, 3])
    func hostile(step: String, kind: Int) throws {
        try fixture.append([fixture.intent(1)])
        let foreign = try Entry(
            .outcome(fixture.aborted(1, by: 0)),
            signatures: [
                0: fixture.keys[0].statement.sign(
                    Statement.outcome(fixture.aborted(1, by: 0)).message)
            ],
            parties: fixture.parties)
        let network = TestNetwork { from, _, current, bytes in
            guard from == 2, current == step else { return bytes }
            switch kind {
            case 0: return Array(repeating: 0x7B, count: LedgerMessage.maxBytes + 1)
            case 1: return Array(repeating: 0x7B, count: LedgerMessage.maxBytes)
            case 2: return bytes.isEmpty ? [1, 0, 0, 0] : Array(bytes.dropLast())
            default:
                // A statement of another party, or one bit changed.
                guard var changed = Optional(bytes), !bytes.isEmpty else {
                    return [
                        UInt8(foreign.bytes.count & 255), UInt8(foreign.bytes.count >> 8), 0, 0,
                    ]
                        + foreign.bytes
                }
                changed[bytes.count / 2] ^= 1
                return changed
            }
        }
        let intent = fixture.intent(2)
        let results = fixture.session(over: network) { ledger, peers in
            try ledger.synchronize(with: peers)
            _ = try ledger.append(intent, with: peers)
        }
        for party in 0...1 {
            let error = #expect(throws: LedgerError.self) { try results[party].get() }
            guard case .misbehaved("bank-c", step, _)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        try fixture.append([fixture.intent(3)])
        #expect((0..<3).allSatisfy { fixture.verify($0).isSound })
    }

    @Test("A ledger put back from an older copy is refused with both sizes")
    func olderCopy() throws {
        try fixture.append([fixture.intent(1)])
        let files = LedgerFiles(database: fixture.file(1))
        let all = [files.database, files.checkpoint, files.digest]
        let old = try all.map { try Data(contentsOf: $0) }
        try fixture.append([fixture.intent(2), fixture.intent(3)])
        for (file, data) in zip(all, old) { try data.write(to: file) }
        for result in fixture.session({ try $0.synchronize(with: $1) }) {
            let error = #expect(throws: LedgerError.self) { try result.get() }
            let text = error?.description ?? ""
            #expect(text.contains("bank-a has 3 entries, bank-b has 1 entries"))
        }
    }

    @Test("Two logs of one size that all signed are named a fork, and both notes are kept")
    func fork() throws {
        try fixture.append([fixture.intent(1)])
        let files = LedgerFiles(database: fixture.file(1))
        let all = [files.database, files.checkpoint, files.digest]
        // Two histories can only come about when every party goes back to an older copy.
        var old: [[Data]] = []
        for party in 0..<3 {
            let files = LedgerFiles(database: fixture.file(party))
            old.append(
                try [files.database, files.checkpoint, files.digest].map {
                    try Data(contentsOf: $0)
                }
            )
        }
        try fixture.append([fixture.intent(2)])
        let forked = try all.map { try Data(contentsOf: $0) }
        for party in 0..<3 {
            let files = LedgerFiles(database: fixture.file(party))
            for (file, data) in zip([files.database, files.checkpoint, files.digest], old[party]) {
                try data.write(to: file)
            }
        }
        try fixture.append([fixture.intent(3)])
        for (file, data) in zip(all, forked) { try data.write(to: file) }
        let results = fixture.session { try $0.synchronize(with: $1) }
        for (party, result) in results.enumerated() {
            guard
                case .forked(let with, let mine, let theirs)? =
                    #expect(throws: LedgerError.self, performing: { try result.get() })
            else {
                Issue.record("party \(party) found no fork")
                continue
            }
            #expect(with == (party == 1 ? "bank-a" : "bank-b") && mine != theirs)
            #expect(try fixture.open(party).store.contents().forks.count == 1)
        }
        let findings = fixture.verify(0).findings
        #expect(findings.contains { $0.message.contains("forked") })
    }
}
