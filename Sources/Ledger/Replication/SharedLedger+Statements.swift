public import Foundation
public import Primitives

// What a party states alone: each is kept for the next synchronization and has a digest by which it is
// found later.
extension SharedLedger {
    private var now: Int64 { replica.clock.wallSeconds }

    // MARK: Contents

    /// Says until when (seconds since 1970) a note's or file's content must be kept.
    public func retain(
        _ subject: Digest, until: Int64, isLocked: Bool, holds: [String]
    ) throws(LedgerError) -> Digest {
        try record([
            .retention(
                Retention(
                    author: replica.me, subject: subject, until: until, isLocked: isLocked,
                    holds: holds, time: now))
        ])[0]
    }

    /// Has a note's or file's content deleted at every party once the erasure is in the log.
    public func erase(_ subject: Digest) throws(LedgerError) -> Digest {
        try record([.erasure(Erasure(author: replica.me, subject: subject, time: now))])[0]
    }

    // MARK: Evidence

    /// States which program this party runs.
    public func stateBuild(
        program: URL, commit: String, packages: [BuildEvidence.Package], quote: Data?
    ) throws(LedgerError) -> Digest {
        guard let handle = try? FileHandle(forReadingFrom: program) else {
            throw .storage("\(program.path) cannot be read")
        }
        var hasher = SHA256()
        while let chunk = try? handle.read(upToCount: 1 << 20), !chunk.isEmpty {
            hasher.update(Array(chunk))
        }
        return try record([
            .build(
                BuildEvidence(
                    author: replica.me, binary: hasher.finalize(), commit: commit,
                    packages: packages, quote: quote, time: now))
        ])[0]
    }

    /// States the service certificate under which this party's node answers.
    public func stateService(_ certificate: Certificate) throws(LedgerError) -> Digest {
        try record([
            .service(
                ServiceCertificate(
                    author: replica.me, fingerprint: certificate.fingerprint, time: now))
        ])[0]
    }

    /// Brings a digest of this party's ledger tables into the log.
    public func state(tables document: String) throws(LedgerError) -> Digest {
        try record([
            .digest(TableDigest(author: replica.me, document: document, time: now))
        ])[0]
    }

    // MARK: Governance

    /// The rule by which proposals are decided, in words.
    public static var governanceRule: String { Governance.rule }

    /// Proposes a change of the membership, and thereby votes for it.
    public func propose(_ action: Proposal.Action) throws(LedgerError) -> Digest {
        guard let governance = try replica.head().governance else {
            throw .malformed("the ledger is empty: synchronize first, which founds it")
        }
        return try record([
            .proposal(
                Proposal(author: replica.me, base: governance.base, action: action, time: now))
        ])[0]
    }

    /// Votes on a proposal that is in the log.
    public func vote(on proposal: Digest, approves: Bool) throws(LedgerError) -> Digest {
        guard try openProposals.contains(where: { $0.digest == proposal }) else {
            throw .malformed("there is no open proposal with this digest in the ledger")
        }
        return try record([
            .ballot(
                Ballot(author: replica.me, proposal: proposal, approves: approves, time: now))
        ])[0]
    }

    /// A proposal that is not decided.
    public struct OpenProposal: Hashable, Sendable {
        public let digest: Digest
        public let proposal: Proposal
        /// Who has not voted.
        public let waitingFor: [String]
    }

    public var openProposals: [OpenProposal] {
        get throws(LedgerError) {
            guard let governance = try replica.head().governance else { return [] }
            return governance.open.map { digest, vote in
                let voters = governance.voters(on: vote.proposal.action)
                return OpenProposal(
                    digest: digest, proposal: vote.proposal,
                    waitingFor: governance.parties.names.filter {
                        voters.contains($0) && !vote.approvals.contains($0)
                    })
            }.sorted { $0.digest.hex < $1.digest.hex }
        }
    }

    // MARK: Looking back

    /// The bytes of an entry, as proofs prove them.
    public func entry(_ index: Int) throws(LedgerError) -> [UInt8] {
        guard try (0..<count).contains(index) else {
            throw .malformed("the ledger has \(try count) entries, none with the number \(index)")
        }
        return try Replica.entry(at: index, of: replica.store).bytes
    }

    /// Pairs of signed checkpoints that contradict each other, as text.
    public var evidence: [(party: String, mine: String, theirs: String)] {
        get throws(LedgerError) {
            try replica.store.evidence().map {
                (
                    $0.party, String(decoding: $0.mine, as: UTF8.self),
                    String(decoding: $0.theirs, as: UTF8.self)
                )
            }
        }
    }
}
