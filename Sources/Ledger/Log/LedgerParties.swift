public import Primitives

/// One party's public keys for the ledger.
public struct LedgerMember: Hashable, Sendable, Codable {
    /// The party's name in the roster; it also names its cosignatures.
    public let name: String
    /// Signs statements.
    public let statementKey: VerifyingKey
    /// Cosigns checkpoints.
    public let cosignerKey: VerifyingKey
    /// Signs checkpoints as the log, when this party is the sequencer.
    public let logKey: VerifyingKey
    /// Opens what is sent to this party alone.
    public let deliveryKey: DeliveryKey

    public init(
        name: String, statementKey: VerifyingKey, cosignerKey: VerifyingKey,
        logKey: VerifyingKey, deliveryKey: DeliveryKey
    ) {
        (self.name, self.statementKey) = (name, statementKey)
        (self.cosignerKey, self.logKey) = (cosignerKey, logKey)
        self.deliveryKey = deliveryKey
    }

    var signingKeys: [VerifyingKey] { [statementKey, cosignerKey, logKey] }
}

/// Who keeps the ledger together from one entry on, and by which rules: the *membership*.
///
/// It begins with the genesis entry, and only governance entries change it; the name ``origin`` stays.
public struct LedgerParties: Hashable, Sendable {
    public static let counts = 2...10

    /// The log's name in every checkpoint, such as `parley.invalid/` and 16 digits.
    public let origin: String
    /// In the roster's order.
    public let members: [LedgerMember]
    public let policy: LedgerPolicy
    /// The name of the party that orders the entries and signs as the log.
    public let sequencer: String

    /// Takes 2 to 10 members whose names and keys all differ.
    ///
    /// - Parameters:
    ///   - policy: all cosign if nil.
    ///   - sequencer: the first member if nil.
    public init(
        origin: String, members: [LedgerMember], policy: LedgerPolicy? = nil,
        sequencer: String? = nil
    ) throws(LedgerError) {
        guard Self.counts.contains(members.count) else {
            throw .malformed("a ledger has 2 to 10 parties, not \(members.count)")
        }
        for name in [origin] + members.map(\.name) where !SignedNote.isKeyName(name) {
            throw .malformed("\"\(name)\" cannot name a key: 1 to 200 visible characters but +")
        }
        for name in members.map(\.name) where name.contains(where: { "\"\\".contains($0) }) {
            throw .malformed("\(name) has a character that JSON would escape")
        }
        guard Set(members.map(\.name)).count == members.count else {
            throw .malformed("two parties of the ledger have the same name")
        }
        let keys = members.flatMap(\.signingKeys)
        guard Set(keys).count == keys.count,
            Set(members.map(\.deliveryKey)).count == members.count
        else {
            throw .malformed("a key appears twice among the ledger's parties")
        }
        // A key of small order would stop everybody who has something for its owner.
        for member in members where member.deliveryKey.seal([]) == nil {
            throw .malformed("\(member.name)'s delivery key is none: nothing can be sealed to it")
        }
        (self.origin, self.members) = (origin, members)
        self.policy = policy ?? .all(of: members.count)
        self.sequencer = sequencer ?? members[0].name
        try self.policy.check(count: members.count)
        guard members.contains(where: { $0.name == self.sequencer }) else {
            throw .malformed("the sequencer \(self.sequencer) is not a party of the ledger")
        }
    }

    public var names: [String] { members.map(\.name) }

    public func index(of name: String) -> Int? { members.firstIndex { $0.name == name } }

    /// The key that signs checkpoints as the log: the sequencer's.
    var logKey: NoteKey {
        logKey(of: members.first { $0.name == sequencer } ?? members[0])
    }

    /// The keys of which one signs a checkpoint as the log.
    ///
    /// - Parameter isSuccession: whether the checkpoint's batch is nothing but votes about the
    ///   sequencer. Unless all must cosign, any member may then sign: the sequencer may be lost.
    func logKeys(isSuccession: Bool) -> [NoteKey] {
        isSuccession && canDoWithoutSequencer ? members.map(logKey) : [logKey]
    }

    /// Whether enough can cosign without the sequencer.
    var canDoWithoutSequencer: Bool { !policy.isAll(of: members.count) }

    func logKey(of member: LedgerMember) -> NoteKey {
        NoteKey(name: origin, type: .ed25519, key: member.logKey)
    }

    /// Who stands in for the sequencer among those who are present: the next after it in the ledger's
    /// order.
    ///
    /// - Returns: nil if all must cosign, as then nothing is possible without it.
    func deputy(among present: Set<String>) -> String? {
        guard canDoWithoutSequencer, let place = index(of: sequencer) else { return nil }
        return (names[(place + 1)...] + names[..<place]).first(where: present.contains)
    }

    /// Each party's key that cosigns checkpoints.
    package var cosignerKeys: [NoteKey] {
        members.map { NoteKey(name: $0.name, type: .cosignature, key: $0.cosignerKey) }
    }

    /// Whether these cosigners are enough.
    func suffices(_ cosigners: Set<Int>) -> Bool { cosigners.count >= policy.needed }

    /// Who of the parties has not cosigned.
    func missing(_ cosigners: Set<Int>) -> [String] {
        members.indices.filter { !cosigners.contains($0) }.map { names[$0] }
    }

    /// The policy in the format of C2SP's tlog-policy, with which other tools verify checkpoints.
    public var policyText: String {
        let witnesses = cosignerKeys.enumerated().map { "witness P\($0) \($1.text)\n" }
        let group = members.indices.map { " P\($0)" }.joined()
        let needed = policy.isAll(of: members.count) ? "all" : "\(policy.needed)"
        // Where a deputy may sign for the sequencer, the newest checkpoint may be by anybody's key.
        let logs = logKeys(isSuccession: true).map { "log \($0.text)\n" }
        return logs.joined() + witnesses.joined()
            + "group everyone \(needed)\(group)\nquorum everyone\n"
    }
}

/// One party's own keys for the ledger.
public struct LedgerKeys: Sendable {
    public let statement, cosigner, log: SigningKey
    public let delivery: DeliverySecret

    public init(
        statement: SigningKey, cosigner: SigningKey, log: SigningKey, delivery: DeliverySecret
    ) {
        (self.statement, self.cosigner, self.log) = (statement, cosigner, log)
        self.delivery = delivery
    }

    /// The public part.
    public func member(name: String) -> LedgerMember {
        LedgerMember(
            name: name, statementKey: statement.publicKey, cosignerKey: cosigner.publicKey,
            logKey: log.publicKey, deliveryKey: delivery.publicKey)
    }
}
