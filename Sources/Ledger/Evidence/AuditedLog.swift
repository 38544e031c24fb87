import Foundation
import Primitives

/// An entry whose form and content were checked by themselves.
struct ParsedEntry {
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
            if content.isErased {
                if content.bytes.contains(where: { $0 != 0 }) {
                    problems.append("its content is called erased and is still there")
                }
            } else {
                let payload = try? Payload(parsing: content.bytes)
                if payload == nil || payload?.claims != entry.statement.claims?.digest {
                    problems.append("its content is not the one that it commits to")
                } else if payload?.collection != content.collection {
                    problems.append("its content is listed in another collection")
                }
            }
        }
        self.problems = problems
    }
}

/// The log as an auditor rebuilds it.
struct AuditedLog {
    /// How many statements are kept at hand for those that refer to them.
    private static let recentCount = 8192

    private(set) var head = LogHead()
    /// The digests of ledger tables in the log.
    private var digests: [TablesDigest] = []
    private var builder: TileBuilder?
    /// What was erased, and by which entries.
    private var erasures: [(position: Int, subject: Digest)] = []
    private let index = StatementIndex()
    private var first: LedgerParties?
    private var intents: [Digest: LedgerReport.Unfinished] = [:]

    /// The state at the newest checkpoint.
    private var before = LogHead()
    /// The entries since then.
    private var batch = BatchRule()
    /// The membership under which the newest checkpoint was verified.
    private var vouching: LedgerParties?
    /// Whether the batch so far is nothing but votes about the sequencer; the last entry alone if it is
    /// not known where the batch began.
    private(set) var isSuccession = true
    /// The membership before the newest entry, if that changed it.
    private var former: LedgerParties?
    private let hasAllCheckpoints: Bool

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
            if hasAllCheckpoints, !batch.allows(entry) {
                report.find(
                    index,
                    "begins a batch of its own, and the checkpoint that must end the one "
                        + "before it is missing")
                batch = BatchRule()
            }
            defer { remember(entry, at: index) }
            let (known, earlier) = (self.index, head.parties)
            let isVote = head.isAboutSequencer(entry.statement)
            isSuccession = isVote && (isSuccession || !hasAllCheckpoints)
            let isChanged = try head.admit(entry) { (digest) throws(LedgerError) in
                if let statement = known.statements[digest] { return statement }
                guard let position = known.positions[digest] else { return nil }
                return try read(position)
            }
            batch.take(entry, isChanged: isChanged)
            if isChanged { report.membershipChanges.append(index) }
            former = isChanged ? earlier : nil
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
        case .erasure(let erasure):
            erasures.append((index, erasure.subject))
        case .note, .file:
            let isHere = found.content.map { !$0.isErased } ?? false
            if isHere { report.contents += 1 } else { report.withoutContent += 1 }
        default: break
        }
    }

    /// Who must have signed a checkpoint that ends with the newest entry: the membership before its
    /// batch, which is known if all checkpoints are; a change of it ends a batch.
    var signers: LedgerParties? { (hasAllCheckpoints ? before.parties : former) ?? head.parties }

    /// Verifies the checkpoint of the log so far.
    mutating func close(_ note: [UInt8], _ report: inout LedgerReport) {
        defer { (before, batch, isSuccession) = (head, BatchRule(), true) }
        do throws(LedgerError) {
            guard let signers else {
                throw .malformed("its checkpoint is of a log without a genesis")
            }
            guard
                try CosignedCheckpoint(
                    parsing: note, parties: signers, isSuccession: isSuccession
                ).checkpoint == head.checkpoint
            else {
                throw .malformed(
                    "its checkpoint has another size or root than the entries up to it")
            }
            report.checkpoints += 1
            vouching = signers
        } catch {
            report.find(head.size - 1, error.description)
        }
    }

    /// What belongs to the committed entries.
    func rest(_ kept: [TablesDigest]) -> AuditedRest {
        AuditedRest(
            nodes: builder?.nodes ?? [], digests: kept + digests,
            erased: erasures.filter { $0.position < before.size }.map(\.subject),
            policy: first?.policyText)
    }

    mutating func finish(
        _ anchor: LedgerAnchor, _ prepared: PreparedBatch?, mustHold: Bool,
        _ report: inout LedgerReport
    ) {
        let isWaiting = prepared.map(isWaiting) ?? false
        if prepared != nil, !isWaiting {
            report.find(nil, "the batch that waits for cosigners is not that of the last entries")
        } else if before.size < head.size, !isWaiting {
            report.find(before.size, "is not covered by any checkpoint")
        }
        let end = isWaiting ? before : head
        (report.entries, report.root) = (end.size, end.frontier.root)
        report.waiting = head.size - end.size
        report.unfinished = intents.values.sorted { $0.entry < $1.entry }
        guard let first, let last = end.parties ?? head.parties else {
            if mustHold { report.find(nil, "it holds no entries") }
            return
        }
        (report.origin, report.parties) = (last.origin, last.names)
        report.needed = last.policy.needed
        if !anchor.isFounded(by: first), vouching.map(anchor.isVouched) != true {
            report.find(
                nil,
                "neither the parties that founded the ledger nor those that signed its newest "
                    + "checkpoint are those of the policy or roster given, with as many cosignatures"
            )
        }
    }

    /// Whether a prepared batch is the entries after the newest checkpoint, signed by the sequencer
    /// and by a party that has cosigned it.
    private func isWaiting(_ prepared: PreparedBatch) -> Bool {
        guard before.size < head.size, prepared.size == head.size, let signers,
            let note = try? SequencedCheckpoint(
                parsing: prepared.note, keys: signers.logKeys(isSuccession: isSuccession)),
            let cosignature = Cosignature(prepared.cosignature)
        else { return false }
        return note.checkpoint == head.checkpoint
            && signers.cosignerKeys.contains { cosignature.isValid(note.checkpoint, by: $0) }
    }
}
