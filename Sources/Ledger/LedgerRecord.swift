public import Foundation
import GRDB
public import Primitives

/// One entry of a ledger, to be shown.
public struct LedgerRecord: Hashable, Sendable {
    /// The entry's number in the log, from 0; nil if it is not yet cosigned.
    public let index: Int?
    public let leafHash: Digest
    public let statement: Statement
    public let signers: [String]

    /// Reads the entries of the log, then this party's statements that are not yet cosigned.
    ///
    /// The signatures of each are verified, the log as a whole is not: see ``LedgerVerifier``.
    public static func read(
        file: URL, parties: LedgerParties
    ) throws(LedgerError) -> [LedgerRecord] {
        var configuration = Configuration()
        configuration.readonly = true
        let contents: LedgerContents
        do {
            contents = try DatabaseQueue(path: file.path, configuration: configuration)
                .read { try LedgerContents($0) }
        } catch {
            throw .storage("\(file.path) cannot be read as a ledger; run a verification")
        }
        var records: [LedgerRecord] = []
        let prepared = [contents.prepared?.bytes].compactMap(\.self)
        let open = (prepared + contents.pending.filter { !prepared.contains($0) })
        for (index, bytes) in (contents.entries.map(\.bytes) + open).enumerated() {
            let entry = try Entry(bytes, parties: parties)
            records.append(
                LedgerRecord(
                    index: index < contents.entries.count ? index : nil, leafHash: entry.leafHash,
                    statement: entry.statement, signers: entry.signers))
        }
        return records
    }
}
