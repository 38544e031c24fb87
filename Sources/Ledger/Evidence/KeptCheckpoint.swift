import Foundation
import Primitives

/// A checkpoint that somebody kept in a file: by itself, or in a `.tlog-proof`.
struct KeptCheckpoint {
    private let name: String
    private let note: [UInt8]
    private let checkpoint: Checkpoint
    private var isFound = false

    init(_ file: URL) throws(LedgerError) {
        name = file.lastPathComponent
        guard let handle = try? FileHandle(forReadingFrom: file),
            let data = try? handle.read(upToCount: 4 * SignedNote.maxBytes)
        else { throw .storage("\(file.path) cannot be read") }
        let bytes = Array(data)
        note =
            bytes.starts(with: Array("c2sp.org/tlog-proof".utf8))
            ? try TlogProof(parsing: bytes).checkpoint : bytes
        checkpoint = try Checkpoint(parsing: SignedNote(parsing: note).text)
    }

    /// Compares it with the log up to the newest entry read.
    ///
    /// - Parameter signers: who must have signed a checkpoint there.
    mutating func compare(
        _ head: LogHead, _ signers: LedgerParties?, _ report: inout LedgerReport
    ) {
        guard head.size == checkpoint.size, !isFound else { return }
        isFound = true
        if head.checkpoint != checkpoint {
            report.find(
                checkpoint.size - 1,
                "\(name) has another root than the entries up to it: one of the two was forged, or "
                    + "the ledger forked")
        }
        // Without a true signature it is no evidence of anything.
        let isSigned = signers.map {
            (try? CosignedCheckpoint(parsing: note, parties: $0)) != nil
        }
        if isSigned != true {
            report.find(nil, "\(name) is not signed by the ledger's parties of that time")
        }
    }

    func finish(_ head: LogHead, _ report: inout LedgerReport) {
        guard !isFound, checkpoint.size > head.size else { return }
        report.find(
            head.size,
            "is missing: \(name) has \(checkpoint.size) entries, the ledger \(head.size)")
    }
}
