import Algebra
import DishonestMajority
import Foundation
import MPC
import Preprocessing
import Primitives
import Testing

/// A store that is damaged, set back or killed in mid-step gives nothing twice and nothing wrong.
@Suite struct StoreDamageTests {
    /// Three files of triples, the last one short, and one of bit triples.
    static var budget: Budget { .multiplications(100_000) + .ands(1, count: 64) }

    /// Draws all that is left.
    static func drain(_ store: PreprocessingStore<Prime62>) throws(StoreError) -> [UInt64] {
        _ = try store.draw([(.bitTriples, store.left(.bitTriples))])
        return try store.drawTriples(store.left(.triples))
    }

    @Test("Killed at any step, a process leaves a store that gives nothing of what it used")
    func killed() throws {
        let fixture = try StoreFixture(budget: Self.budget)
        let all = Set(try Self.drain(fixture.open(0, at: fixture.copy(0, as: "all"))))
        try #require(all.count == 100_000)
        var steps = 0
        while true {
            let store = try fixture.copy(0, as: "killed")
            let used = fixture.folder.appending(path: "used")
            try Data().write(to: used)
            let isKilled = try Self.isKilled(atStep: steps, fixture, store, used)
            let before = try Data(contentsOf: used)
            let taken = stride(from: 0, to: before.count, by: 8).map { start in
                before[start..<start + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            let rest = try Self.drain(fixture.open(0, at: store))
            #expect(Set(taken).isDisjoint(with: rest), "killed at step \(steps)")
            #expect(all.isSuperset(of: taken) && all.isSuperset(of: rest))
            guard isKilled else {
                #expect(taken.count + rest.count == all.count)
                break
            }
            steps += 1
        }
        // Four draws of two steps, two files read, one erased.
        #expect(steps == 11)
    }

    /// Whether a child process, which draws four times 20,000 triples and writes down what it used,
    /// came to step `step`, where it ends itself.
    private static func isKilled(
        atStep step: Int, _ fixture: StoreFixture, _ url: URL, _ used: URL
    ) throws -> Bool {
        let child = fork()
        try #require(child >= 0)
        if child == 0 {
            alarm(20)  // A child that hangs fails the test.
            var count = 0
            let store = try? fixture.open(0, at: url) { _ in
                if count == step { kill(getpid(), SIGKILL) }
                count += 1
            }
            let handle = FileHandle(forWritingAtPath: used.path)
            for _ in 0..<4 {
                var bytes: [UInt8] = []
                for word in (try? store?.drawTriples(20_000)) ?? [] {
                    bytes.append(littleEndian: word)
                }
                handle?.write(Data(bytes))
            }
            _exit(0)
        }
        var status: Int32 = 0
        // The call writes the local variable only.
        #expect(unsafe waitpid(child, &status, 0) == child)
        return status & 0x7F == SIGKILL
    }

    @Test("A process that fails in mid-step, and goes on, cannot draw the same again")
    func sameProcess() throws {
        let fixture = try StoreFixture(budget: Self.budget)
        let store = try fixture.open(0)
        let first = fixture.url(0).appending(path: "triples.0")
        try Data([0]).write(to: first)
        #expect(throws: StoreError.self) { try store.drawTriples(1000) }
        #expect(store.left(.triples) == 99_000)
    }

    @Test("One changed bit in any file is found")
    func bitFlips() throws {
        let fixture = try StoreFixture(budget: Self.budget)
        for name in ["manifest", "cursor", "triples.0", "triples.2", "bit-triples.0", "key"] {
            for place in [0, 1, 2] {
                let url = try fixture.copy(0, as: "flipped")
                let file = url.appending(path: name)
                var bytes = try Data(contentsOf: file)
                let index = [0, bytes.count / 2, bytes.count - (name == "key" ? 2 : 1)][place]
                bytes[index] ^= 1
                try bytes.write(to: file)
                #expect(throws: StoreError.self, "\(name), byte \(index)") {
                    _ = try Self.drain(fixture.open(0, at: url))
                }
            }
        }
    }

    @Test("Files under other names, of another key or another preparation are refused")
    func exchanged() throws {
        let fixture = try StoreFixture(budget: Self.budget)
        let other = try StoreFixture(roster: "another", budget: Self.budget)
        func refused(_ change: (URL) throws -> Void) throws -> Bool {
            let url = try fixture.copy(0, as: "changed")
            try change(url)
            do throws(StoreError) {
                _ = try Self.drain(fixture.open(0, at: url))
                return false
            } catch {
                return error.description.contains("damaged, or of another key")
            }
        }
        func replace(_ file: URL, by source: URL) throws {
            let bytes = try Data(contentsOf: source)
            try bytes.write(to: file)
        }
        #expect(
            try refused {
                try replace(
                    $0.appending(path: "triples.0"), by: $0.appending(path: "triples.1"))
            })
        #expect(
            try refused {
                try replace(
                    $0.appending(path: "key"), by: other.url(0).appending(path: "key"))
            })
        // The same key, so that only the preparation tells them apart.
        #expect(
            try refused { url in
                for name in ["key", "manifest", "cursor"] {
                    try replace(
                        url.appending(path: name), by: fixture.url(1).appending(path: name))
                }
                try replace(
                    url.appending(path: "key"), by: fixture.url(0).appending(path: "key"))
            })
    }

    @Test("An older cursor put back is found once a file is spent")
    func olderCursor() throws {
        let fixture = try StoreFixture(budget: Self.budget)
        let cursor = fixture.url(0).appending(path: "cursor")
        let old = try Data(contentsOf: cursor)
        _ = try fixture.open(0).drawTriples(50_000)
        try old.write(to: cursor)
        let error = #expect(throws: StoreError.self) { try fixture.open(0) }
        #expect(error?.description.contains("older cursor") == true)
    }

    @Test("A restored backup of the whole folder: the other party's cursor decides")
    func backup() throws {
        let fixture = try StoreFixture(budget: .multiplications(1000))
        let backup = try fixture.copy(0, as: "backup")
        for party in 0..<2 { _ = try fixture.open(party).drawTriples(640) }
        try FileManager.default.removeItem(at: fixture.url(0))
        try FileManager.default.moveItem(at: backup, to: fixture.url(0))
        let results = fixture.run(onlineOnly: true) { _, notes, _ in notes }
        #expect(try results[0].get() == ["640 triples"])
        #expect(try fixture.open(0).left(.triples) == 360)
    }

    @Test("A key that others may read, and a preparation that was not finished, are refused")
    func careless() throws {
        let fixture = try StoreFixture(budget: .multiplications(64))
        let key = fixture.url(0).appending(path: "key")
        #expect(
            try FileManager.default.attributesOfItem(atPath: key.path)[.posixPermissions]
                as? Int
                == 0o600)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: key.path)
        let readable = #expect(throws: StoreError.self) { try fixture.open(0) }
        #expect(readable?.description.contains("chmod 600") == true)
        try FileManager.default.removeItem(at: fixture.url(1).appending(path: "manifest"))
        let unfinished = #expect(throws: StoreError.self) { try fixture.open(1) }
        #expect(unfinished?.description.contains("not finished") == true)
    }
}
