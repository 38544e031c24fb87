public import Primitives

/// The first entry of every ledger: who keeps it and by which rules.
public struct Genesis: Hashable, Sendable, Codable {
    public let origin: String
    public let members: [LedgerMember]
    public let policy: LedgerPolicy
    public let sequencer: String
    public let time: Int64

    public init(_ parties: LedgerParties, time: Int64) {
        (origin, members) = (parties.origin, parties.members)
        (policy, sequencer, self.time) = (parties.policy, parties.sequencer, time)
    }

    var parties: LedgerParties {
        get throws(LedgerError) {
            try LedgerParties(
                origin: origin, members: members, policy: policy, sequencer: sequencer)
        }
    }
}

/// A change of the membership that one party asks for; its author thereby votes for it.
public struct Proposal: Hashable, Sendable, Codable {
    /// What is to change; exactly one thing, so that a ballot has one meaning.
    public enum Action: Hashable, Sendable, Codable {
        case addMember(LedgerMember)
        case removeMember(String)
        /// New keys for a member of the same name: rotation, or revocation after a loss.
        case setKeys(LedgerMember)
        case setPolicy(LedgerPolicy)
        case setSequencer(String)

        /// The member whose seat, keys or place as the sequencer it is about.
        func subject(in parties: LedgerParties) -> String? {
            switch self {
            case .removeMember(let name): name
            case .setKeys(let member): member.name
            case .setSequencer: parties.sequencer
            case .addMember, .setPolicy: nil
            }
        }
    }

    public let author: String
    /// The digest of the statement that made the membership which is to change.
    public let base: Digest
    public let action: Action
    public let time: Int64

    public init(author: String, base: Digest, action: Action, time: Int64) {
        (self.author, self.base, self.action, self.time) = (author, base, action, time)
    }
}

/// One party's vote on a proposal.
public struct Ballot: Hashable, Sendable, Codable {
    public let author: String
    /// The proposal's digest.
    public let proposal: Digest
    public let approves: Bool
    public let time: Int64

    public init(author: String, proposal: Digest, approves: Bool, time: Int64) {
        (self.author, self.proposal) = (author, proposal)
        (self.approves, self.time) = (approves, time)
    }
}
