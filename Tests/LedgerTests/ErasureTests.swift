import Foundation
import GRDB
import Ledger
import Primitives
import TestSupport
import Testing

/// What is left of a content after its erasure: nothing, in no file of the party's.
@Suite struct ErasureTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
        try fixture.append([])
    }

    /// The files of a party's database that have these bytes.
    private func traces(of text: String, _ party: Int, in folder: URL? = nil) throws -> [String] {
        let folder = folder ?? fixture.folder
        let name = fixture.file(party).lastPathComponent
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            guard $0.hasPrefix(name) else { return false }
            let bytes = try Data(contentsOf: folder.appendingPathComponent($0))
            return bytes.range(of: Data(text.utf8)) != nil
        }
    }

    /// Runs `body` while a process reads a party's database as it was at the beginning.
    private func whileReading(_ party: Int, _ body: () throws -> Void) throws {
        let reader = try DatabaseQueue(path: fixture.file(party).path)
        try reader.inDatabase { database in
            try database.execute(sql: "BEGIN")
            _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM entries")
            try body()
            try database.execute(sql: "COMMIT")
        }
        try reader.close()
    }

    @Test("The commit of an erasure deletes, also where it is made after a crash or by extension")
    func crash() throws {
        let text = "to be erased wherever a party stops"
        for write in 0..<3 {
            for isAfter in [false, true] {
                let digest = try fixture.open(0).post(text, collection: "c", to: nil)
                try fixture.synchronize()
                _ = try fixture.open(0).erase(digest)
                let network = TestNetwork()
                _ = fixture.session(
                    over: network,
                    stores: [
                        1: {
                            StoppingStore($0, .init(write: write, isAfter: isAfter)) {
                                network.stop(1)
                            }
                        }
                    ]
                ) { try $0.synchronize(with: $1) }
                try fixture.synchronize()
                for party in 0..<3 {
                    #expect(try fixture.open(party).replica.store.content(of: digest) == nil)
                    #expect(try traces(of: text, party).isEmpty, "\(party), write \(write)")
                }
            }
        }
        #expect((0..<3).allSatisfy { fixture.audit($0).isSound })
    }

    @Test("A reader puts the last of an erased text off, and no longer than until the next write")
    func reader() throws {
        let text = "a text that is to vanish"
        let digest = try fixture.open(0).post(text, collection: "c", to: nil)
        try fixture.synchronize()
        let ledger = try fixture.open(1)
        let store = ledger.replica.store
        try whileReading(1) {
            _ = try fixture.open(0).erase(digest)
            for result in fixture.session(
                stores: [1: { _ in store }], { try $0.synchronize(with: $1) })
            { try result.get() }
            #expect(try store.content(of: digest) == nil)
            #expect(try !traces(of: text, 1).isEmpty, "the reader did not hinder anything")
        }
        try ledger.post("anything", collection: "c", to: nil)
        #expect(try traces(of: text, 1).isEmpty)
        #expect(fixture.audit(1).isSound)
    }

    @Test("A process killed right after the commit of an erasure: opening the file finishes it")
    func killed() throws {
        let text = "a text that outlives its process"
        let digest = try fixture.open(0).post(text, collection: "c", to: nil)
        try fixture.synchronize()
        let copy = fixture.folder.appendingPathComponent("killed")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: false)
        let ledger = try fixture.open(1)
        try whileReading(1) {
            _ = try fixture.open(0).erase(digest)
            try fixture.synchronize()
            // As the disk is when all processes are killed now.
            for suffix in ["", "-wal"] {
                let file = fixture.file(1).lastPathComponent + suffix
                try FileManager.default.copyItem(
                    at: fixture.folder.appendingPathComponent(file),
                    to: copy.appendingPathComponent(file))
            }
        }
        #expect(try !traces(of: text, 1, in: copy).isEmpty)
        let store = try SQLiteLedgerStore(
            file: copy.appendingPathComponent(fixture.file(1).lastPathComponent))
        #expect(try store.content(of: digest) == nil)
        #expect(try traces(of: text, 1, in: copy).isEmpty)
        #expect(try ledger.count == 3)
    }

    @Test("Of many texts erased in any order no byte stays, and no text of another's is lost")
    func many() throws {
        var generator = SeededGenerator(seed: 28)
        var alive: [(text: String, digest: Digest)] = []
        var erased: [String] = []
        for round in 0..<12 {
            let marks = (0..<Int.random(in: 10...20, using: &generator)).map {
                "[text \(round).\($0)]"
            }
            let texts = marks.map { mark in
                let length = [0, 40, 200, 700, 3000].randomElement(using: &generator) ?? 0
                return mark + String(repeating: "-", count: length)
            }
            let digests = try fixture.open(0).post(texts, collection: "c\(round % 3)", to: nil)
            alive += zip(marks, digests).map { (text: $0, digest: $1) }
            try fixture.synchronize()
            alive.shuffle(using: &generator)
            for (text, digest) in alive.suffix(8) {
                _ = try fixture.open(0).erase(digest)
                erased.append(text)
            }
            alive.removeLast(min(8, alive.count))
            try fixture.synchronize()
        }
        for party in 0..<3 {
            for text in erased { #expect(try traces(of: text, party).isEmpty, "\(party) \(text)") }
            for (text, digest) in alive {
                let content = try fixture.open(party).replica.store.content(of: digest)
                #expect(content?.payload.contents.hasPrefix(text) == true)
            }
            #expect(fixture.audit(party).isSound)
            #expect(fixture.audit(party).withoutContent == erased.count)
        }
    }

    @Test("An erasure in the batch of its note leaves nothing; a file's chunks go with it")
    func atOnce() throws {
        let digest = try fixture.open(0).post("gone at once", collection: "c", to: nil)
        _ = try fixture.open(0).erase(digest)
        let source = fixture.folder.appendingPathComponent("model.bin")
        let part = "a part of a file"
        try Data(String(repeating: part, count: 1000).utf8).write(to: source)
        let file = try fixture.open(0).put(source, to: nil)
        try fixture.synchronize()
        _ = try fixture.open(0).erase(file)
        try fixture.synchronize()
        for party in 0..<3 {
            let store = try fixture.open(party).replica.store
            #expect(try store.content(of: digest) == nil && store.content(of: file) == nil)
            for text in ["gone at once", part, "model.bin"] {
                #expect(try traces(of: text, party).isEmpty, "\(party) \(text)")
            }
            #expect(fixture.audit(party).isSound)
        }
    }

    @Test("An erasure takes what is sealed for a party that is away, and need never come")
    func sealed() throws {
        let fixture = try LedgerFixture(count: 4, needed: 3)
        try fixture.append([])
        func meetWithoutLast() throws {
            for result in fixture.session(
                over: TestNetwork(reachable: [0, 1, 2]), parties: [0, 1, 2],
                { try $0.synchronize(with: $1) })
            { try result.get() }
        }
        let digest = try fixture.open(0).post("secret", collection: "c", to: ["bank-d"])
        try meetWithoutLast()
        #expect(try fixture.open(0).replica.store.outgoing().count == 1)
        _ = try fixture.open(0).erase(digest)
        try meetWithoutLast()
        #expect(try fixture.open(0).replica.store.content(of: digest) == nil)
        #expect(try fixture.open(0).replica.store.outgoing().isEmpty)
        // Whoever was away learns of both, and has nothing to erase.
        try fixture.synchronize()
        #expect(try fixture.open(3).count == 3)
        #expect((0..<4).allSatisfy { fixture.audit($0).isSound })
    }

    @Test("An erased note is in no list, and neither is a collection that has no other")
    func lists() throws {
        let digest = try fixture.open(0).post("once only", collection: "c", to: nil)
        try fixture.synchronize()
        _ = try fixture.open(0).erase(digest)
        try fixture.synchronize()
        let node = LedgerNode(try fixture.open(1))
        #expect(try node.collections(after: nil, limit: 10).isEmpty)
        #expect(try node.newestNote(in: "c") == nil)
        #expect(try node.notes(in: "c", from: -10, to: nil, limit: 10).isEmpty)
    }
}
