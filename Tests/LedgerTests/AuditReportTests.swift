import Foundation
import Ledger
import Primitives
import Testing

/// What a report tells of a sound ledger besides that it is sound.
@Suite struct AuditReportTests {
    let fixture: LedgerFixture
    let note, proof: URL

    init() throws {
        fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1)])
        note = fixture.folder.appendingPathComponent("kept.checkpoint")
        proof = fixture.folder.appendingPathComponent("kept.tlog-proof")
        let stored = try fixture.open(0).replica.store.newest()
        try Data(try #require(stored).note).write(to: note)
        try fixture.append([fixture.intent(2)])
        try Data(fixture.open(0).proof(at: 1).text).write(to: proof)
    }

    @Test("Of files kept elsewhere it says which are checkpoints and which proofs, and of what")
    func kept() {
        let report = fixture.audit(1, checkpoints: [note, proof])
        #expect(report.isSound)
        #expect(report.kept.map(\.file) == [note.path, proof.path])
        #expect(report.kept.map(\.kind) == [.checkpoint, .proof])
        #expect(report.kept.map(\.entries) == [2, 3] && report.kept.map(\.entry) == [nil, 1])
        let lines = report.summary(of: "ledger").components(separatedBy: "\n")
        #expect(
            lines.dropFirst().prefix(2) == [
                "  contains \(proof.path): a proof of entry 1, checkpoint of 3 entries",
                "  contains \(note.path): a checkpoint of 2 entries",
            ])
        let many = fixture.audit(1, checkpoints: Array(repeating: proof, count: 7))
        #expect(many.kept.count == 7)
        #expect(many.summary(of: "ledger").contains("contains 2 older ones given"))
    }

    @Test("A file that is neither, or a proof of another entry, is named and not listed")
    func notKept() throws {
        try Data("neither\n".utf8).write(to: note)
        let missing = fixture.folder.appendingPathComponent("missing")
        // The proof of entry 1, said to be of entry 0, under a true checkpoint.
        let text = String(decoding: try Data(contentsOf: proof), as: UTF8.self)
            .replacingOccurrences(of: "\nindex 1\n", with: "\nindex 0\n")
        try Data(text.utf8).write(to: proof)
        let report = fixture.audit(0, checkpoints: [note, missing, proof])
        #expect(report.kept.isEmpty && report.entries == 3)
        let messages = report.findings.map(\.message)
        #expect(messages.count == 3)
        for file in [note, missing] {
            #expect(messages.contains { $0.hasPrefix("\(file.path) is no checkpoint and no") })
        }
        #expect(messages.contains("\(proof.path) proves another entry at this place"))
    }

    @Test("The service certificates that parties stated are listed, each by its entry")
    func services() throws {
        var stated: [Digest] = []
        for number in 0..<2 {
            let folder = fixture.folder.appendingPathComponent("node-\(number)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            let identity = try ServiceIdentity.create(
                in: folder, name: "bank-b", hosts: ["localhost"], validFrom: LedgerFixture.now,
                days: 1)
            _ = try fixture.open(1).stateService(identity.service)
            try fixture.synchronize()
            stated.append(identity.service.fingerprint)
        }
        for party in 0..<3 {
            let services = fixture.audit(party).services
            #expect(services.map(\.entry) == [3, 4] && services.map(\.fingerprint) == stated)
            #expect(services.map(\.party) == ["bank-b", "bank-b"])
        }
        #expect(
            fixture.audit(0).summary(of: "ledger").contains(
                "entry 4: bank-b signs receipts under the service certificate with SHA-256 "
                    + stated[1].hex))
    }
}
