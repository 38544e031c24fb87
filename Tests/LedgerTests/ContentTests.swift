import Foundation
import GRDB
import Ledger
import Primitives
import TestSupport
import Testing

@Suite struct ContentTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
        try fixture.append([])
    }

    private func texts(_ party: Int, _ collection: String) throws -> [String] {
        try LedgerNode(fixture.open(party)).notes(in: collection, from: 0, to: nil, limit: 100)
            .map(\.contents)
    }

    @Test("A note to all is readable at all; one for two reaches these two, through the third too")
    func subsets() throws {
        let secret = "only b and c know that 4711 was reported"
        try fixture.open(0).post("for everybody", collection: "open", to: nil)
        // The sequencer, bank-a, carries it and cannot read it.
        try fixture.open(1).post(secret, collection: "closed circle", to: ["bank-c"])
        try fixture.synchronize()
        for party in 0..<3 { #expect(try texts(party, "open") == ["for everybody"]) }
        #expect(try texts(0, "closed circle").isEmpty)
        #expect(try texts(1, "closed circle") == [secret] && texts(2, "closed circle") == [secret])
        for word in [secret, "closed circle"] {
            #expect(try fixture.copy(0).range(of: Data(word.utf8)) == nil)
        }
        let report = fixture.audit(0)
        #expect(report.isSound && report.contents == 1 && report.withoutContent == 1)
        #expect(fixture.audit(2).contents == 2)
        #expect(try fixture.open(0).replica.store.outgoing().isEmpty)
    }

    @Test("A collection's name that SQLite would cut short is refused")
    func zeroByte() throws {
        #expect(throws: LedgerError.self) {
            try fixture.open(0).post("text", collection: "c\u{0}d", to: nil)
        }
    }

    @Test("A range of notes may be any: backwards, negative, far beyond the log")
    func ranges() throws {
        try fixture.open(0).post(["one", "two"], collection: "c", to: nil)
        try fixture.synchronize()
        let node = LedgerNode(try fixture.open(0))
        func count(_ from: Int, _ to: Int?) throws -> Int {
            try node.notes(in: "c", from: from, to: to, limit: 10).count
        }
        for (from, to) in [(-10, -5), (Int.min, -1), (2, 1), (.max, .max), (3, nil)] {
            #expect(try count(from, to) == 0, "\(from) to \(String(describing: to))")
        }
        #expect(try count(.min, .max) == 2 && count(-1, 1) == 1 && count(2, nil) == 1)
    }

    @Test("A recipient to whom nothing or something else was delivered does not cosign")
    func delivery() throws {
        try fixture.open(0).post("text", collection: "c", to: ["bank-b"])
        let ledger = try fixture.open(0)
        let pending = try ledger.replica.carriedStatements()
        let made = try ledger.replica.sequence(pending).batch
        let batch = try #require(made)
        let victim = try fixture.open(1)
        let error = #expect(throws: LedgerError.self) { try victim.replica.cosign(batch) }
        #expect(error?.description.contains("was not delivered") == true)
        let other = try Payload(collection: "c", contents: "other", using: SystemRandomness())
        let plain = other.bytes
        let sealed = try #require(fixture.keys[1].delivery.publicKey.seal(plain))
        let wrong = ProposedBatch(
            entries: batch.entries, note: batch.note, sealed: [0: Data(sealed)], isResumed: false)
        let refused = #expect(throws: LedgerError.self) { try victim.replica.cosign(wrong) }
        #expect(refused?.description.contains("not the one that its entry commits to") == true)
        // Who is no recipient needs none.
        _ = try fixture.open(2).replica.cosign(batch)
        // The session that follows delivers.
        try fixture.synchronize()
        #expect(try texts(1, "c") == ["text"])
    }

    @Test("An erased text and its salt are gone everywhere, and every proof still holds")
    func erasure() throws {
        let text = "Erase me, please: DE02 1203 0000 0000 2020 51"
        let digest = try fixture.open(1).post(text, collection: "c", to: nil)
        try fixture.synchronize()
        let found = try fixture.open(0).position(of: digest)
        let position = try #require(found)
        let proof = try fixture.open(0).proof(at: position.index)
        #expect(try fixture.copy(2).range(of: Data(text.utf8)) != nil)
        // Only its author can.
        #expect(try fixture.open(0).erase(digest) != digest)
        try fixture.synchronize()
        #expect(try texts(2, "c") == [text])
        _ = try fixture.open(1).erase(digest)
        try fixture.synchronize()
        for party in 0..<3 {
            #expect(try texts(party, "c").isEmpty)
            #expect(try fixture.copy(party).range(of: Data(text.utf8)) == nil, "\(party)")
            #expect(fixture.audit(party).isSound && fixture.audit(party).withoutContent == 1)
        }
        #expect(try proof.includes(entry: fixture.open(0).entry(position.index)))
        let newer = try fixture.open(0).proof(at: position.index)
        #expect(try newer.includes(entry: fixture.open(0).entry(position.index)))
    }

    @Test("A locked retention can only be lengthened; holds and time keep a text from erasure")
    func retention() throws {
        let digest = try fixture.open(0).post("keep", collection: "c", to: nil)
        try fixture.synchronize()
        let now = LedgerFixture.now
        /// Whether the statement got into the log.
        func enters(_ record: (SharedLedger) throws -> Digest, _ clock: Int64 = now) throws -> Bool
        {
            let clock = ManualClock(wallSeconds: clock)
            let recorded = try record(fixture.open(0, clock: clock))
            for result in fixture.session(
                clocks: [0: clock, 1: clock, 2: clock], { try $0.synchronize(with: $1) })
            { try result.get() }
            return try fixture.open(0).position(of: recorded) != nil
        }
        func retain(_ until: Int64, _ isLocked: Bool, _ holds: [String] = [])
            -> (SharedLedger) throws -> Digest
        {
            { try $0.retain(digest, until: until, isLocked: isLocked, holds: holds) }
        }
        #expect(try enters(retain(now + 1000, false)))
        #expect(try enters(retain(now + 100, false)))
        #expect(try enters(retain(now + 200, true)))
        #expect(try !enters(retain(now + 199, true)))
        #expect(try !enters(retain(now + 300, false)))
        #expect(try enters(retain(now + 300, true, ["case 4711"])))
        #expect(try !enters { try $0.erase(digest) })
        #expect(try !enters({ try $0.erase(digest) }, now + 301))
        #expect(try enters(retain(now + 300, true), now + 302))
        #expect(try texts(1, "c") == ["keep"])
        #expect(try enters({ try $0.erase(digest) }, now + 303))
        #expect(try texts(1, "c").isEmpty)
        #expect((0..<3).allSatisfy { fixture.audit($0).isSound })
    }

    @Test("A file comes out as it went in; a changed byte, here or there, is found")
    func files() throws {
        let file = fixture.folder.appendingPathComponent("model.bin")
        var generator = SeededGenerator(seed: 5)
        for size in [0, 1, 1 << 20, (2 << 20) + 12345] {
            let bytes = Data((0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) })
            try bytes.write(to: file)
            let digest = try fixture.open(0).put(file, to: ["bank-b"])
            try fixture.synchronize()
            let out = fixture.folder.appendingPathComponent("out-\(size)")
            #expect(try fixture.open(0).get(digest, to: out) == "model.bin")
            #expect(try Data(contentsOf: out) == bytes)
            #expect(throws: LedgerError.self) { try fixture.open(0).get(digest, to: out) }
            // Bank-b was told how to verify it, and gets it by other means; bank-c was not.
            let elsewhere = fixture.folder.appendingPathComponent("b-\(size)")
            if size > 0 {
                #expect(throws: LedgerError.self) {
                    try fixture.open(1).get(digest, to: elsewhere)
                }
                try (bytes.dropLast() + [bytes[size - 1] ^ 1]).write(to: elsewhere)
                #expect(throws: LedgerError.self) {
                    try fixture.open(1).accept(digest, file: elsewhere)
                }
                try FileManager.default.removeItem(at: elsewhere)
            }
            try fixture.open(1).accept(digest, file: file)
            #expect(throws: LedgerError.self) { try fixture.open(2).accept(digest, file: file) }
            _ = try fixture.open(1).get(digest, to: elsewhere)
            #expect(try Data(contentsOf: elsewhere) == bytes)
        }
        try fixture.synchronize()
        #expect((0..<3).allSatisfy { fixture.audit($0).isSound })
        let database = try DatabaseQueue(path: fixture.file(1).path)
        try database.write {
            try $0.execute(
                sql: "UPDATE chunks SET bytes = zeroblob(length(bytes)) WHERE number = 1")
        }
        try database.close()
        #expect(
            fixture.audit(1).findings.contains {
                $0.message == "the stored file is not the one that it commits to"
            })
    }

    @Test("Exported tiles are audited like the database; a changed or missing tile is found")
    func export() throws {
        for part in 0..<3 {
            try fixture.open(part).record(
                (0..<200).map {
                    .service(
                        ServiceCertificate(
                            author: fixture.parties.names[part],
                            fingerprint: LedgerFixture.digest("\(part) \($0)"),
                            time: LedgerFixture.now))
                })
        }
        try fixture.synchronize()
        let folder = fixture.folder.appendingPathComponent("tiles")
        try fixture.open(2).export(to: folder)
        let policy = try LedgerPolicyFile(
            parsing: String(contentsOf: folder.appendingPathComponent("policy"), encoding: .utf8))
        func audit() -> LedgerReport { LedgerAuditor(.policy(policy)).audit(folder) }
        #expect(audit().findings.isEmpty && audit().entries == 601)
        let files = try #require(
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        ).compactMap { $0 as? URL }.filter {
            !$0.hasDirectoryPath && $0.lastPathComponent != "policy"
        }
        #expect(files.count == 11)
        for file in files {
            let original = try Data(contentsOf: file)
            for place in [0, original.count / 2, original.count - 1] {
                var changed = original
                changed[place] ^= 4
                try changed.write(to: file)
                #expect(!audit().isSound, "\(file.path) \(place)")
            }
            try original.dropLast().write(to: file)
            #expect(!audit().isSound, "\(file.path) cut")
            try FileManager.default.removeItem(at: file)
            #expect(!audit().isSound, "\(file.path) missing")
            try original.write(to: file)
        }
        #expect(audit().isSound)
    }
}
