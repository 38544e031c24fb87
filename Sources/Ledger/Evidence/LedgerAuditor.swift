public import Foundation
import GRDB
import Primitives
import Synchronization

/// Audits a ledger's files from nothing but who its parties are.
///
/// Everything is computed again: the canonical form of every entry and its hash, every signature of a
/// statement, every rule about what may follow what, the membership at every point, the root at every
/// checkpoint and all signatures of it, the stored hashes, the digests of contents. Damage of any kind
/// ends in a finding, never in a crash. It needs no network and no secret, and memory for one hash an
/// entry.
public struct LedgerAuditor: Sendable {
    private let anchor: LedgerAnchor
    /// How many entries are read at once.
    private static let chunk = 4096

    public init(_ anchor: LedgerAnchor) { self.anchor = anchor }

    /// Audits a party's database, or a folder of tiles.
    ///
    /// - Parameters:
    ///   - checkpoints: files with newer checkpoints or proofs that were kept elsewhere: the log must
    ///     contain them, which one replaced by an older copy does not.
    ///   - digests: of its ledger tables, kept elsewhere; those in the log are taken in any case.
    public func audit(
        _ file: URL, checkpoints: [URL] = [], digests: [TablesDigest] = []
    ) -> LedgerReport {
        var report = LedgerReport()
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder)
        else {
            report.find(nil, "there is no ledger at \(file.path)")
            return report
        }
        var kept: [KeptCheckpoint] = []
        for file in checkpoints {
            do { kept.append(try KeptCheckpoint(file)) } catch {
                report.find(nil, "\(file.path) is no checkpoint and no .tlog-proof: \(error)")
            }
        }
        do {
            if isFolder.boolValue {
                try audit(TileFolderSource(file), &kept, digests, &report)
            } else {
                try audit(SQLiteAuditSource(file), &kept, digests, &report)
            }
        } catch {
            let reason = (error as? DatabaseError)?.message ?? "\(error)"
            report.find(nil, "\(file.lastPathComponent) cannot be read as a ledger: \(reason)")
        }
        return report
    }

    private func audit(
        _ source: some AuditSource, _ kept: inout [KeptCheckpoint], _ digests: [TablesDigest],
        _ report: inout LedgerReport
    ) throws {
        var source = source
        var audit = AuditedLog(hasAllCheckpoints: source.hasAllCheckpoints)
        while case let found = try source.next(Self.chunk), !found.isEmpty {
            let first = audit.head.size
            let notes = try source.checkpoints(first + 1..<first + found.count + 1)
            let parsed = Self.parse(found)
            var next = 0
            for (offset, entry) in parsed.enumerated() {
                if let position = found[offset].claimed?.position, position != first + offset {
                    report.find(
                        first + offset, "is missing: the next one has the number \(position)")
                    return
                }
                audit.take(
                    entry, found[offset],
                    { (position) throws(LedgerError) in
                        try Self.statement(at: position, of: source)
                    }, &report)
                let (before, isSuccession) = (audit.before, audit.isSuccession)
                while next < notes.count, notes[next].size == audit.head.size {
                    audit.close(notes[next].note, &report)
                    next += 1
                }
                for index in kept.indices {
                    kept[index].compare(
                        audit.head, before: before, isSuccession: isSuccession, &report)
                }
            }
        }
        let later = try source.checkpoints(audit.head.size + 1..<Int.max)
        if let newer = later.last {
            report.find(
                audit.head.size,
                "is missing: the newest checkpoint has \(newer.size) entries, the file "
                    + "\(audit.head.size)")
        }
        try source.finish(audit.nodes, digests + audit.digests, &report)
        audit.finish(anchor, mustHold: source is TileFolderSource, &report)
        for checkpoint in kept {
            checkpoint.finish(audit.head, &report) { try source.entry(at: $0) }
        }
    }

    private static func statement(
        at position: Int, of source: some AuditSource
    ) throws(LedgerError) -> Statement? {
        let bytes: [UInt8]?
        do { bytes = try source.entry(at: position) } catch {
            throw .storage("entry \(position) cannot be read")
        }
        guard let bytes else { return nil }
        return try Entry(parsing: bytes).statement
    }

    /// Reads entries on all cores.
    private static func parse(_ found: [FoundEntry]) -> [Result<ParsedEntry, LedgerError>] {
        let parts = max(1, min(ProcessInfo.processInfo.activeProcessorCount, found.count / 64))
        let results = Mutex([Int: [Result<ParsedEntry, LedgerError>]]())
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let range = found.count * part / parts..<found.count * (part + 1) / parts
            let parsed = found[range].map { found in
                Result { () throws(LedgerError) in try ParsedEntry(found) }
            }
            results.withLock { $0[part] = parsed }
        }
        return results.withLock { results in (0..<parts).flatMap { results[$0] ?? [] } }
    }
}

/// An entry whose form and content were checked by themselves.
private struct ParsedEntry {
    let entry: Entry
    /// What is wrong with what the files say about it.
    let problems: [String]

    init(_ found: FoundEntry) throws(LedgerError) {
        entry = try Entry(parsing: found.bytes)
        var problems: [String] = []
        if let claimed = found.claimed {
            if claimed.leafHash != entry.leafHash.bytes {
                problems.append("its stored hash is wrong")
            }
            if claimed.statement != entry.statementDigest.bytes {
                problems.append("the stored digest of its statement is wrong")
            }
            if claimed.kind != entry.statement.kind.rawValue {
                problems.append("its stored kind is wrong")
            }
        }
        if let content = found.content {
            let payload = try? CanonicalJSON.decode(Payload.self, from: content, as: "a content")
            if payload == nil || payload?.claims != entry.statement.claims?.digest {
                problems.append("its content is not the one that it commits to")
            }
        }
        self.problems = problems
    }
}

/// The log as an auditor rebuilds it.
private struct AuditedLog {
    /// How many statements are kept at hand for those that refer to them.
    private static let recentCount = 8192

    private(set) var head = LogHead()
    /// The digests of ledger tables in the log.
    private(set) var digests: [TablesDigest] = []
    private var builder: TileBuilder?
    /// The hashes that belong to full tiles.
    var nodes: [TileNode] { builder?.nodes ?? [] }
    private let index = StatementIndex()
    private var first: LedgerParties?
    private var intents: [Digest: LedgerReport.Unfinished] = [:]

    /// The state at the newest checkpoint, under which the next one is verified.
    private(set) var before = LogHead()
    /// The membership under which the newest checkpoint was verified.
    private var vouching: LedgerParties?
    /// The entry that changed the membership, until a checkpoint follows it.
    private var change: Int?

    /// Whether the batch so far is nothing but votes about the sequencer; the last entry alone if it is
    /// not known where the batch began.
    private(set) var isSuccession = true

    private let hasAllCheckpoints: Bool
    /// The membership before the newest change of it.
    private var former: LedgerParties?

    init(hasAllCheckpoints: Bool) {
        self.hasAllCheckpoints = hasAllCheckpoints
        // An empty log has no tiles to read.
        builder = try? TileBuilder(0) { (_, _) throws(LedgerError) in [] }
    }

    mutating func take(
        _ parsed: Result<ParsedEntry, LedgerError>, _ found: FoundEntry,
        _ read: @escaping (Int) throws(LedgerError) -> Statement?, _ report: inout LedgerReport
    ) {
        let index = head.size
        do throws(LedgerError) {
            let parsed = try parsed.get()
            for problem in parsed.problems { report.find(index, problem) }
            let entry = parsed.entry
            if let change, hasAllCheckpoints {
                report.find(
                    change, "it changed the membership, and no checkpoint ends there as it must")
            }
            change = nil
            defer { remember(entry, at: index) }
            let (known, earlier) = (self.index, head.parties)
            let isVote = head.isAboutSequencer(entry.statement)
            isSuccession = isVote && (isSuccession || !hasAllCheckpoints)
            let isChanged = try head.admit(entry) { (digest) throws(LedgerError) in
                if let statement = known.statements[digest] { return statement }
                guard let position = known.positions[digest] else { return nil }
                return try read(position)
            }
            if isChanged {
                report.membershipChanges.append(index)
                (change, former) = (index, earlier)
            }
            if first == nil { first = head.parties }
            note(entry, found, index, &report)
            builder?.append(entry.leafHash)
        } catch {
            report.find(index, error.description)
            let leaf = MerkleTree.leafHash(found.bytes)
            if head.size == index { head.skip(leaf) }
            builder?.append(leaf)
        }
    }

    private func remember(_ entry: Entry, at position: Int) {
        index.positions[entry.statementDigest] = position
        if index.statements.count >= Self.recentCount {
            index.statements.removeAll(keepingCapacity: true)
        }
        index.statements[entry.statementDigest] = entry.statement
    }

    private mutating func note(
        _ entry: Entry, _ found: FoundEntry, _ index: Int, _ report: inout LedgerReport
    ) {
        switch entry.statement {
        case .intent(let intent):
            intents[entry.statementDigest] = .init(entry: index, session: intent.session)
        case .outcome(let outcome):
            intents[outcome.intent] = nil
        case .digest(let digest):
            digests += (try? TablesDigest.parse(Array(digest.document.utf8))) ?? []
        case .service(let service):
            report.services.append(
                .init(entry: index, party: service.author, fingerprint: service.fingerprint))
        case .note, .file:
            if found.content == nil { report.withoutContent += 1 } else { report.contents += 1 }
        default: break
        }
    }

    /// Verifies the checkpoint of the log so far.
    mutating func close(_ note: [UInt8], _ report: inout LedgerReport) {
        defer { (before, change, isSuccession) = (head, nil, true) }
        do throws(LedgerError) {
            let (cosigned, parties) = try verified(note)
            guard cosigned.checkpoint == head.checkpoint else {
                throw .malformed(
                    "its checkpoint has another size or root than the entries up to it")
            }
            report.checkpoints += 1
            vouching = parties
        } catch {
            report.find(head.size - 1, error.description)
        }
    }

    /// The note under the membership before its batch, which is known if all checkpoints are.
    private func verified(
        _ note: [UInt8]
    ) throws(LedgerError) -> (CosignedCheckpoint, LedgerParties) {
        let before = hasAllCheckpoints ? before.parties : change == nil ? nil : former
        guard let parties = before ?? head.parties else {
            throw .malformed("its checkpoint is of a log without a genesis")
        }
        let cosigned = try CosignedCheckpoint(
            parsing: note, parties: parties, isSuccession: isSuccession)
        return (cosigned, parties)
    }

    mutating func finish(
        _ anchor: LedgerAnchor, mustHold: Bool, _ report: inout LedgerReport
    ) {
        (report.entries, report.root) = (head.size, head.frontier.root)
        report.unfinished = intents.values.sorted { $0.entry < $1.entry }
        if before.size < head.size {
            report.find(before.size, "is not covered by any checkpoint")
        }
        guard let first, let last = head.parties else {
            if mustHold { report.find(nil, "it holds no entries") }
            return
        }
        (report.origin, report.parties) = (last.origin, last.names)
        report.needed = last.policy.needed
        if !anchor.matches(first), vouching.map(anchor.matches) != true {
            report.find(
                nil,
                "neither the parties that founded the ledger nor those that signed its newest "
                    + "checkpoint are those of the policy or roster given")
        }
    }
}

/// A checkpoint that somebody kept in a file: by itself, or in a `.tlog-proof`.
private struct KeptCheckpoint {
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
        guard let handle = try? FileHandle(forReadingFrom: file),
            let data = try? handle.read(upToCount: 4 * SignedNote.maxBytes)
        else { throw .storage("\(file.path) cannot be read") }
        let bytes = Array(data)
        proof =
            bytes.starts(with: Array("c2sp.org/tlog-proof".utf8))
            ? try TlogProof(parsing: bytes) : nil
        note = proof?.checkpoint ?? bytes
        checkpoint = try Checkpoint(parsing: SignedNote(parsing: note).text)
    }

    mutating func compare(
        _ head: LogHead, before: LogHead, isSuccession: Bool, _ report: inout LedgerReport
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
        let signers = [before.parties, head.parties].compactMap(\.self)
        let isSigned = signers.contains {
            (try? CosignedCheckpoint(parsing: note, parties: $0, isSuccession: isSuccession))
                != nil
        }
        if !isSigned {
            report.find(nil, "\(name) is not signed by the ledger's parties of that time")
        }
        isContained = isSame && isSigned
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
