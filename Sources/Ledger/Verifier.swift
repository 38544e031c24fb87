public import Foundation
import GRDB
import Primitives

/// What a verification of a ledger found.
public struct LedgerReport: Hashable, Sendable {
    /// One thing that is wrong.
    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        /// The number of the entry, from 0; nil if it concerns the file or the log as a whole.
        public let entry: Int?
        public let message: String

        public var description: String { (entry.map { "entry \($0): " } ?? "") + message }
    }

    /// How many entries the file holds.
    public fileprivate(set) var entries = 0
    /// How many of this party's own statements the others have not cosigned yet.
    public fileprivate(set) var pending = 0
    public fileprivate(set) var findings: [Finding] = []

    /// Whether nothing is wrong.
    public var isSound: Bool { findings.isEmpty }

    fileprivate mutating func find(_ entry: Int? = nil, _ message: String) {
        findings.append(.init(entry: entry, message: message))
    }
}

/// Verifies a ledger's files from nothing but the parties' public keys.
///
/// Everything is computed again: the canonical form of every entry, its hash, every signature of a
/// statement, the root at every size, every signature of every checkpoint. Damage of any kind ends in
/// a finding, never in a crash.
public enum LedgerVerifier {
    /// Verifies the ledger in `file`.
    ///
    /// - Parameter checkpoint: a newer checkpoint's file that was kept elsewhere: the log must
    ///   contain it, which a ledger replaced by an older copy does not. The one beside the ledger is
    ///   checked in any case.
    public static func verify(
        file: URL, parties: LedgerParties, checkpoint: URL? = nil
    ) -> LedgerReport {
        verify(file: file, parties: parties, checkpoint: checkpoint, mayBeInterrupted: false)
    }

    /// Verifies the ledger in `file`; if its last write may have been interrupted, the files beside it
    /// may be missing or older than it.
    static func verify(
        file: URL, parties: LedgerParties, checkpoint: URL? = nil, mayBeInterrupted: Bool
    ) -> LedgerReport {
        var report = LedgerReport()
        let files = LedgerFiles(database: file)
        guard FileManager.default.fileExists(atPath: file.path) else {
            report.find(nil, "there is no ledger at \(file.path)")
            return report
        }
        if !mayBeInterrupted, !files.isUnchanged {
            report.find(
                nil,
                "the file differs from \(files.digest.lastPathComponent): bytes of it were "
                    + "changed, or a write was interrupted")
        }
        let contents: LedgerContents
        do {
            contents = try read(files, &report)
        } catch {
            let reason = (error as? DatabaseError)?.message ?? String(describing: error)
            report.find(nil, "the file cannot be read as a ledger: \(reason)")
            return report
        }
        let roots = verifyEntries(contents, parties, &report)
        verifyCheckpoints(contents, roots, parties, &report)
        verifyOwn(contents, roots, parties, &report)
        if !contents.entries.isEmpty && !mayBeInterrupted
            || FileManager.default.fileExists(atPath: files.checkpoint.path)
        {
            verifyContains(files.checkpoint, roots, parties, &report)
        }
        if let checkpoint { verifyContains(checkpoint, roots, parties, &report) }
        return report
    }

    private static func read(
        _ files: LedgerFiles, _ report: inout LedgerReport
    ) throws -> LedgerContents {
        var configuration = Configuration()
        configuration.readonly = true
        let database = try DatabaseQueue(
            path: files.database.path, configuration: configuration)
        let (contents, problems) = try database.read { database in
            var problems = try Row.fetchAll(database, sql: "PRAGMA integrity_check")
                .compactMap { String.fromDatabaseValue($0[0]) }
                .filter { $0 != "ok" }
            if try !LedgerSchema.matches(database) {
                problems.append("its tables or the triggers that protect them were changed")
            }
            return (try LedgerContents(database), problems)
        }
        for problem in problems { report.find(nil, "the database is damaged: \(problem)") }
        return contents
    }

    /// Checks the entries and returns the roots of the log at every size from 0.
    private static func verifyEntries(
        _ contents: LedgerContents, _ parties: LedgerParties, _ report: inout LedgerReport
    ) -> [Digest] {
        report.entries = contents.entries.count
        var frontier = MerkleFrontier()
        var roots = [frontier.root]
        var sessions: [Digest: Digest] = [:]
        var leaves = Set<Digest>()
        for (index, stored) in contents.entries.enumerated() {
            if stored.position != index {
                report.find(index, "is missing: the next one has the number \(stored.position)")
                break
            }
            let leaf = MerkleTree.leafHash(stored.bytes)
            if leaf.bytes != stored.leafHash { report.find(index, "its stored hash is wrong") }
            if !leaves.insert(leaf).inserted { report.find(index, "is there twice") }
            do throws(LedgerError) {
                switch try Entry(stored.bytes, parties: parties).statement {
                case .intent(let intent): sessions[leaf] = intent.session
                case .outcome(let outcome):
                    if sessions[outcome.intent] != outcome.session {
                        report.find(index, "is an outcome without its intent before it")
                    }
                }
            } catch {
                report.find(index, error.description)
            }
            frontier.append(leaf)
            roots.append(frontier.root)
        }
        return roots
    }

    /// Checks the checkpoint of every size.
    private static func verifyCheckpoints(
        _ contents: LedgerContents, _ roots: [Digest], _ parties: LedgerParties,
        _ report: inout LedgerReport
    ) {
        for (index, stored) in contents.checkpoints.enumerated() where stored.size != index + 1 {
            report.find(index, "its checkpoint is missing")
            break
        }
        let covered = contents.checkpoints.last?.size ?? 0
        if covered < contents.entries.count {
            report.find(covered, "is not covered by any checkpoint")
        }
        for stored in contents.checkpoints {
            do throws(LedgerError) {
                let cosigned = try CosignedCheckpoint(parsing: stored.note, parties: parties)
                if cosigned.checkpoint.size != stored.size {
                    report.find(stored.size - 1, "its checkpoint is for another size")
                }
                verify(cosigned.checkpoint, "its checkpoint", roots, &report)
            } catch {
                report.find(stored.size - 1, error.description)
            }
        }
    }

    /// Checks what this party keeps apart from the log.
    private static func verifyOwn(
        _ contents: LedgerContents, _ roots: [Digest], _ parties: LedgerParties,
        _ report: inout LedgerReport
    ) {
        report.pending = contents.pending.count
        for bytes in contents.pending + [contents.prepared?.bytes].compactMap(\.self) {
            do throws(LedgerError) { _ = try Entry(bytes, parties: parties) } catch {
                report.find(nil, "a statement not yet cosigned: \(error)")
            }
        }
        for fork in contents.forks {
            report.find(
                nil,
                "the ledger has forked: contradicting checkpoints of \(fork.party) and of this "
                    + "party are kept in the file")
        }
    }

    /// Checks a checkpoint that is kept in a file of its own.
    private static func verifyContains(
        _ file: URL, _ roots: [Digest], _ parties: LedgerParties, _ report: inout LedgerReport
    ) {
        guard let handle = try? FileHandle(forReadingFrom: file),
            let data = try? handle.read(upToCount: SignedNote.maxBytes + 1)
        else {
            return report.find(nil, "the checkpoint \(file.lastPathComponent) cannot be read")
        }
        do throws(LedgerError) {
            let cosigned = try CosignedCheckpoint(parsing: Array(data), parties: parties)
            verify(cosigned.checkpoint, file.lastPathComponent, roots, &report)
        } catch {
            report.find(nil, "\(file.lastPathComponent): \(error)")
        }
    }

    private static func verify(
        _ checkpoint: Checkpoint, _ name: String, _ roots: [Digest], _ report: inout LedgerReport
    ) {
        guard roots.indices.contains(checkpoint.size) else {
            return report.find(
                roots.count - 1,
                "is missing: \(name) has \(checkpoint.size) entries, the file \(roots.count - 1)")
        }
        if roots[checkpoint.size] != checkpoint.root {
            report.find(checkpoint.size - 1, "\(name) has another root than the entries up to it")
        }
    }
}
