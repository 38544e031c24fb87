package import Primitives

/// The membership as the log's governance entries make it, and the votes under way.
///
/// **The rule.** A proposal passes when every voter approves, and is dead when one does not; its
/// author's vote is the proposal itself. Voters are all members, but where the proposal is about one
/// member's seat or keys, or puts another in the sequencer's place: then all but that member vote, if
/// these are at least two. A change takes effect right after the ballot that completes it; all other
/// proposals are then void.
package struct Governance: Hashable, Sendable {
    /// The rule in words, for those who ask a node for its constitution.
    public static let rule = """
        A proposal passes when every voter approves and is dead when one does not; its author's vote \
        is the proposal itself. Voters are all members of the ledger; a proposal about one member's \
        seat or keys is voted on by all the others, and one about who is the sequencer by all but \
        the present one, if these are at least two. A change takes effect right after the ballot \
        that completes it, and makes all other proposals void.

        """

    struct Vote: Hashable {
        let proposal: Proposal
        var approvals: Set<String>
    }

    package private(set) var parties: LedgerParties
    /// The digest of the statement that made ``parties``.
    package private(set) var base: Digest
    private(set) var open: [Digest: Vote] = [:]
    /// Everybody who is or was a member: a name means one party for ever.
    private var names: Set<String>

    init(_ genesis: Genesis, digest: Digest) throws(LedgerError) {
        let parties = try genesis.parties
        (self.parties, base, names) = (parties, digest, Set(parties.names))
    }

    /// Who votes on a proposal.
    func voters(on action: Proposal.Action) -> Set<String> {
        let subject = action.subject(in: parties)
        let others = parties.names.filter { $0 != subject }
        return Set(subject == nil || others.count < 2 ? parties.names : others)
    }

    /// Whether a statement proposes, or votes on, something about the sequencer.
    func isAboutSequencer(_ statement: Statement) -> Bool {
        let action: Proposal.Action? =
            switch statement {
            case .proposal(let proposal): proposal.action
            case .ballot(let ballot): open[ballot.proposal]?.proposal.action
            default: nil
            }
        return action?.subject(in: parties) == parties.sequencer
    }

    /// Takes a governance statement; whether the membership is another one now.
    mutating func admit(
        _ statement: Statement, digest: Digest
    ) throws(LedgerError) -> Bool {
        switch statement {
        case .proposal(let proposal):
            guard proposal.base == base else {
                throw .malformed("a proposal is about a membership that is no longer in force")
            }
            if case .addMember(let member) = proposal.action, names.contains(member.name) {
                throw .malformed(
                    "\(member.name) is or was the name of another member: a new one takes its own")
            }
            let voters = voters(on: proposal.action)
            open[digest] = Vote(
                proposal: proposal, approvals: voters.intersection([proposal.author]))
            return try decide(digest)
        case .ballot(let ballot):
            guard var vote = open[ballot.proposal] else {
                throw .malformed("a ballot is about no open proposal")
            }
            guard voters(on: vote.proposal.action).contains(ballot.author) else {
                throw .malformed("\(ballot.author) has no vote on this proposal")
            }
            guard !vote.approvals.contains(ballot.author) else {
                throw .malformed("\(ballot.author) has voted on this proposal already")
            }
            guard ballot.approves else {
                open[ballot.proposal] = nil
                return false
            }
            vote.approvals.insert(ballot.author)
            open[ballot.proposal] = vote
            return try decide(ballot.proposal, by: digest)
        default:
            return false
        }
    }

    private mutating func decide(
        _ proposal: Digest, by decisive: Digest? = nil
    ) throws(LedgerError) -> Bool {
        guard let vote = open[proposal],
            vote.approvals == voters(on: vote.proposal.action)
        else { return false }
        parties = try parties.applying(vote.proposal.action)
        names.formUnion(parties.names)
        base = decisive ?? proposal
        open = [:]
        return true
    }
}

extension LedgerParties {
    /// The membership after a change.
    func applying(_ action: Proposal.Action) throws(LedgerError) -> LedgerParties {
        var (members, policy, sequencer) = (members, policy, sequencer)
        let count = members.count
        switch action {
        case .addMember(let member):
            members.append(member)
        case .removeMember(let name):
            members.removeAll { $0.name == name }
            guard members.count < count else {
                throw .malformed("\(name) cannot be removed: it is not in the ledger")
            }
            if sequencer == name { sequencer = members.first?.name ?? name }
        case .setKeys(let member):
            guard let index = index(of: member.name) else {
                throw .malformed("\(member.name) cannot change keys: it is not in the ledger")
            }
            members[index] = member
        case .setPolicy(let changed):
            policy = changed
        case .setSequencer(let name):
            sequencer = name
        }
        if policy.isAll(of: count), self.policy == policy { policy = .all(of: members.count) }
        return try LedgerParties(
            origin: origin, members: members, policy: policy, sequencer: sequencer)
    }
}
