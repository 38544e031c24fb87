import Foundation
import Ledger
import Primitives
import TestSupport
import Testing

/// What Python computes from the written specification (LogFormat.md) is what this program makes, byte
/// for byte, and what it reads.
@Suite struct FormatVectorTests {
    private let vectors: FormatVectors
    private let parties: LedgerParties
    private let keys = (0..<3).map(FormatVectors.keys)

    init() throws {
        vectors = try FormatVectors.load()
        parties = try vectors.parties
    }

    @Test("The log of the vectors is made here with the same bytes")
    func made() throws {
        #expect(zip(parties.names, keys).map { $1.member(name: $0) } == parties.members)
        let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let network = TestNetwork()
        let group = DispatchGroup()
        for party in 0..<3 {
            let clock = ManualClock(wallSeconds: vectors.time)
            let ledger = try SharedLedger(
                file: folder.appending(path: "\(party)"), parties: parties, me: Party(party),
                keys: keys[party], clock: clock)
            if party == 1 {
                try ledger.record(
                    (0..<2).map {
                        .service(
                            ServiceCertificate(
                                author: "bank-b", fingerprint: SHA256.hash([UInt8($0)]),
                                time: vectors.time))
                    })
            }
            let peers = TestPeers(network: network, me: party, names: parties.names)
            group.enter()
            Thread.detachNewThread {
                do { try ledger.synchronize(with: peers) } catch { Issue.record(error) }
                group.leave()
            }
        }
        group.wait()
        let store = try SQLiteLedgerStore(file: folder.appending(path: "0"))
        let stored = try store.entries(0..<10)
        #expect(stored.map { String(decoding: $0.bytes, as: UTF8.self) } == vectors.entries)
        #expect(stored.map(\.leafHash) == vectors.leafHashes)
        let notes = try store.checkpoints(from: 1, limit: 10)
        #expect(notes.map { String(decoding: $0.note, as: UTF8.self) } == vectors.checkpoints)
        let ledger = try SharedLedger(
            store, parties: parties, me: Party(0), keys: keys[0])
        #expect(try String(decoding: ledger.proof(at: 2).text, as: UTF8.self) == vectors.proof)
    }

    @Test("The vectors are read and verify; any changed byte does not")
    func read() throws {
        for (text, digest) in zip(vectors.entries, vectors.statementDigests) {
            let entry = try Entry(parsing: Array(text.utf8))
            #expect(entry.statementDigest == digest)
            var memo = SignatureMemo()
            try entry.verify(parties, &memo)
        }
        let bytes = Array(vectors.entries[1].utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            var memo = SignatureMemo()
            // The sequencer's time is signed by nobody but under the checkpoint.
            let isTime = index >= bytes.count - 11
            let verifies = Result {
                try Entry(parsing: changed).verify(parties, &memo)
            }
            if (try? verifies.get()) != nil { #expect(isTime, "byte \(index)") }
        }
        let proof = try TlogProof(parsing: Array(vectors.proof.utf8))
        #expect(proof.includes(entry: Array(vectors.entries[2].utf8)))
        #expect(!proof.includes(entry: Array(vectors.entries[1].utf8)))
        try LedgerPolicyFile(parsing: parties.policyText).verify(proof.checkpoint)
    }
}
