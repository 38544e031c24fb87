import Foundation
import Primitives

/// A checkpoint that somebody kept in a file: by itself, or in a `.tlog-proof`.
struct KeptCheckpoint {
    private let name: String
    private let note: [UInt8]
    private let checkpoint: Checkpoint
    /// Nil for a checkpoint by itself.
    private let proof: TlogProof?
    private var isFound = false
    /// Whether the log has its root there, and its signers were those of the time.
    private var isContained = false

    init(_ file: URL) throws(LedgerError) {
        name = file.relativePath
        let bytes: [UInt8]
        do { bytes = try RegularFile.read(file, atMost: 4 * SignedNote.maxBytes) } catch {
            throw .storage("\(error)")
        }
        proof =
            bytes.starts(with: Array("c2sp.org/tlog-proof".utf8))
            ? try TlogProof(parsing: bytes) : nil
        note = proof?.checkpoint ?? bytes
        checkpoint = try Checkpoint(parsing: SignedNote(parsing: note).text)
    }

    /// Compares it with the log up to the newest entry read.
    ///
    /// - Parameters:
    ///   - signers: who must have signed a checkpoint there.
    ///   - isSuccession: whether another than the sequencer may have signed it as the log.
    mutating func compare(
        _ head: LogHead, _ signers: LedgerParties?, isSuccession: Bool,
        _ report: inout LedgerReport
    ) {
        guard head.size == checkpoint.size, !isFound else { return }
        isFound = true
        let isSame = head.checkpoint == checkpoint
        if !isSame {
            report.find(
                checkpoint.size - 1,
                "\(name) has another root than the entries up to it: one of the two was forged, or "
                    + "the ledger forked")
        }
        // Without a true signature it is no evidence of anything.
        let isSigned = signers.map {
            (try? CosignedCheckpoint(parsing: note, parties: $0, isSuccession: isSuccession))
                != nil
        }
        if isSigned != true {
            report.find(nil, "\(name) is not signed by the ledger's parties of that time")
        }
        isContained = isSame && isSigned == true
    }

    /// - Parameter entry: reads the bytes of an entry of the ledger.
    func finish(
        _ head: LogHead, _ report: inout LedgerReport, entry: (Int) throws -> [UInt8]?
    ) {
        if !isFound, checkpoint.size > head.size {
            report.find(
                head.size,
                "is missing: \(name) has \(checkpoint.size) entries, the ledger \(head.size)")
        }
        guard isContained else { return }
        if let proof {
            guard let bytes = try? entry(proof.index), proof.includes(entry: bytes) else {
                report.find(proof.index, "\(name) proves another entry at this place")
                return
            }
        }
        report.kept.append(
            .init(
                file: name, kind: proof == nil ? .checkpoint : .proof, entries: checkpoint.size,
                entry: proof?.index))
    }
}
