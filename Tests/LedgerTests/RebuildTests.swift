import Foundation
import GRDB
import Ledger
import Primitives
import Synchronization
import TestSupport
import Testing

/// A party's ledger made anew from another copy.
@Suite struct RebuildTests {
    let fixture: LedgerFixture
    /// The log exported: 603 entries in batches, some of one entry, across a change of the membership.
    let folder: URL

    init() throws {
        fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1), fixture.completed(1)])
        let proposal = try fixture.open(1).propose(.setSequencer("bank-c"))
        try fixture.synchronize()
        for voter in [0, 2] { _ = try fixture.open(voter).vote(on: proposal, approves: true) }
        try fixture.synchronize()
        for party in 0..<3 {
            try fixture.open(party).post(
                (0..<199).map { "\(party) \($0)" }, collection: "c\(party)",
                to: party == 2 ? ["bank-a"] : nil)
        }
        try fixture.synchronize()
        folder = fixture.folder.appendingPathComponent("tiles")
        try fixture.open(0).export(to: folder)
    }

    private func rebuilt(
        _ party: Int, from source: URL, _ progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> LedgerRebuild.Result {
        try LedgerRebuild(parties: fixture.parties, me: Party(party), keys: fixture.keys[party])
            .rebuild(fixture.file(party), from: source, progress: progress)
    }

    private func remove(_ party: Int) throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: fixture.file(party).path + suffix)
        }
    }

    /// All files of the export.
    private func files() throws -> [URL] {
        try #require(
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        ).compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath }
    }

    @Test("From a folder: the same log, sound, and the party goes on cosigning")
    func fromFolder() throws {
        let original = try fixture.open(1).replica.store
        let (entries, notes) = try (
            original.entries(0..<1000), original.checkpoints(from: 1, limit: 100).map(\.note)
        )
        try remove(1)
        var steps: [Int] = []
        let result = try rebuilt(1, from: folder) { done, count in
            steps.append(done)
            #expect(count == entries.count)
        }
        #expect(steps == [entries.count])
        #expect(result.entries == entries.count && result.checkpoints == notes.count)
        let store = try fixture.open(1).replica.store
        #expect(try store.entries(0..<1000) == entries)
        #expect(try store.checkpoints(from: 1, limit: 100).map(\.note) == notes)
        let mode = try FileManager.default.attributesOfItem(atPath: fixture.file(1).path)[
            .posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o600)
        #expect(fixture.audit(1).isSound && fixture.audit(1).contents == 0)
        try fixture.append([fixture.intent(2), fixture.completed(2)])
        for party in 0..<3 {
            #expect(fixture.audit(party).isSound)
            #expect(fixture.audit(party).entries == entries.count + 2)
        }
    }

    @Test("From another party's file: its contents for this party come along, no others")
    func fromFile() throws {
        try remove(1)
        // Bank-a writes at the same time.
        try fixture.open(0).post("not in the log yet", collection: "c", to: nil)
        _ = try rebuilt(1, from: fixture.file(0))
        let report = fixture.audit(1)
        #expect(report.isSound && report.contents == 398 && report.withoutContent == 199)
        let node = LedgerNode(try fixture.open(1))
        #expect(try node.collections(after: nil, limit: 9) == ["c0", "c1"])
        try fixture.synchronize()
        #expect((0..<3).allSatisfy { fixture.audit($0).isSound })
        #expect(
            try LedgerNode(fixture.open(1)).newestNote(in: "c")?.contents == "not in the log yet")
    }

    @Test("A batch that waits in another party's file is not taken for committed")
    func waiting() throws {
        let count = try fixture.open(0).count
        try fixture.open(2).post("waits", collection: "c", to: nil)
        fixture.synchronize(interruptedBy: 1)
        #expect(fixture.audit(0).waiting == 1)
        try remove(1)
        #expect(try rebuilt(1, from: fixture.file(0)).entries == count)
        try fixture.synchronize()
        #expect((0..<3).allSatisfy { fixture.audit($0).entries == count + 1 })
    }

    @Test("A changed, cut or missing file of the folder is refused, and nothing is left behind")
    func damaged() throws {
        try remove(1)
        let folderBefore = try FileManager.default.contentsOfDirectory(
            atPath: fixture.folder.path
        ).sorted()
        let all = try files()
        #expect(all.count == 12)
        let policy = try LedgerPolicyFile(
            parsing: String(contentsOf: folder.appendingPathComponent("policy"), encoding: .utf8))
        func isRefused() -> Bool {
            do {
                _ = try rebuilt(1, from: folder)
                return false
            } catch { return error is LedgerError }
        }
        for file in all {
            let original = try Data(contentsOf: file)
            for place in [0, original.count / 3, original.count - 1] {
                var changed = original
                changed[place] ^= 1
                try changed.write(to: file)
                #expect(isRefused(), "\(file.lastPathComponent), byte \(place)")
                #expect(!LedgerAuditor(.policy(policy)).audit(folder).isSound)
            }
            try original.dropLast().write(to: file)
            #expect(isRefused(), "\(file.path) cut")
            try (original + [10]).write(to: file)
            #expect(isRefused(), "\(file.path) longer")
            try FileManager.default.removeItem(at: file)
            if file.lastPathComponent != "policy" { #expect(isRefused(), "\(file.path) missing") }
            try original.write(to: file)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).sorted()
                == folderBefore)
        // Only C2SP's files, as a mirror has them, are sound and not enough.
        try FileManager.default.removeItem(at: folder.appendingPathComponent("checkpoints"))
        #expect(LedgerAuditor(.policy(policy)).audit(folder).isSound)
        let error = #expect(throws: LedgerError.self) { try rebuilt(1, from: folder) }
        #expect(error?.description.contains("parley ledger export") == true)
    }

    @Test("Checkpoints left out of the folder are missed; one of another log is refused")
    func checkpoints() throws {
        let file = folder.appendingPathComponent("checkpoints/000")
        let notes = try TilePath.entries(of: Array(Data(contentsOf: file)))
        #expect(notes.count == 5)
        let auditor = LedgerAuditor(.parties(fixture.parties))
        #expect(auditor.audit(folder).checkpoints == 8)
        for index in notes.indices {
            var changed = notes
            changed.remove(at: index)
            try Data(TilePath.bundle(changed)).write(to: file)
            // The proposal and the ballots after it are of one second: they could be one batch.
            #expect(auditor.audit(folder).isSound == (index == 3), "without checkpoint \(index)")
            changed.insert(notes[(index + 1) % notes.count], at: index)
            try Data(TilePath.bundle(changed)).write(to: file)
            #expect(!auditor.audit(folder).isSound, "with another one at \(index)")
        }
    }

    @Test("A ledger is never overwritten, and none of strangers taken")
    func refused() throws {
        let before = try fixture.copy(1)
        #expect(throws: LedgerError.self) { try rebuilt(1, from: folder) }
        #expect(try Data(contentsOf: fixture.file(1)) == before)
        try remove(1)
        let beside = URL(filePath: fixture.file(1).path + "-wal")
        try Data([1]).write(to: beside)
        #expect(throws: LedgerError.self) { try rebuilt(1, from: folder) }
        try FileManager.default.removeItem(at: beside)
        let stranger = try LedgerFixture(seed: 100)
        try stranger.append([])
        let theirs = stranger.folder.appendingPathComponent("tiles")
        try stranger.open(0).export(to: theirs)
        for source in [theirs, stranger.file(0), fixture.folder, fixture.file(1)] {
            #expect(throws: LedgerError.self) { try rebuilt(1, from: source) }
        }
        #expect(!FileManager.default.fileExists(atPath: fixture.file(1).path))
        // The others' log, whose membership at its end is the roster's, and not at its beginning.
        let fresh = LedgerFixture.keys(seed: 50).member(name: "bank-b")
        let changed = try LedgerParties(
            origin: fixture.parties.origin,
            members: [fixture.parties.members[0], fresh, fixture.parties.members[2]])
        #expect(throws: LedgerError.self) {
            try LedgerRebuild(
                parties: changed, me: Party(1), keys: LedgerFixture.keys(seed: 50)
            ).rebuild(fixture.file(1), from: folder)
        }
    }

    @Test("The checkpoint of the ledger is what is kept elsewhere")
    func kept() throws {
        let file = fixture.folder.appendingPathComponent("kept.txt")
        let note = try #require(try fixture.open(0).cosignedCheckpoint)
        try Data(note).write(to: file)
        #expect(try Data(contentsOf: folder.appendingPathComponent("checkpoint")) == Data(note))
        #expect(fixture.audit(2, checkpoints: [file]).isSound)
        #expect(try LedgerFixture().open(0).cosignedCheckpoint == nil)
    }
}
