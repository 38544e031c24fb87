public import Primitives

/// One party's public keys for the ledger.
public struct LedgerMember: Hashable, Sendable {
    /// The party's name in the roster; it also names its cosignatures.
    public let name: String
    /// Signs statements.
    public let statementKey: VerifyingKey
    /// Cosigns checkpoints.
    public let cosignerKey: VerifyingKey
    /// Signs checkpoints as the log; that of the first party counts.
    public let logKey: VerifyingKey

    public init(
        name: String, statementKey: VerifyingKey, cosignerKey: VerifyingKey, logKey: VerifyingKey
    ) {
        (self.name, self.statementKey) = (name, statementKey)
        (self.cosignerKey, self.logKey) = (cosignerKey, logKey)
    }
}

/// Who keeps the ledger together, in the roster's order, and the ledger's name.
public struct LedgerParties: Hashable, Sendable {
    /// The log's name in every checkpoint, such as `parley.invalid/` and 16 digits of the roster's
    /// digest.
    public let origin: String
    public let members: [LedgerMember]

    /// Takes 2 to 10 members whose names and keys all differ.
    public init(origin: String, members: [LedgerMember]) throws(LedgerError) {
        guard (2...10).contains(members.count) else {
            throw .malformed("a ledger has 2 to 10 parties, not \(members.count)")
        }
        for name in [origin] + members.map(\.name) where !SignedNote.isKeyName(name) {
            throw .malformed("\"\(name)\" cannot name a key: 1 to 200 visible characters but +")
        }
        guard Set(members.map(\.name)).count == members.count else {
            throw .malformed("two parties of the ledger have the same name")
        }
        let keys = members.flatMap { [$0.statementKey, $0.cosignerKey, $0.logKey] }
        guard Set(keys).count == keys.count else {
            throw .malformed("a key appears twice among the ledger's parties")
        }
        (self.origin, self.members) = (origin, members)
    }

    public var names: [String] { members.map(\.name) }

    /// The key that signs checkpoints as the log.
    var logKey: NoteKey { NoteKey(name: origin, type: .ed25519, key: members[0].logKey) }

    /// Each party's key that cosigns checkpoints.
    package var cosignerKeys: [NoteKey] {
        members.map { NoteKey(name: $0.name, type: .cosignature, key: $0.cosignerKey) }
    }

    /// A policy in the format of C2SP's tlog-policy, with which other tools verify checkpoints.
    public var policy: String {
        let witnesses = cosignerKeys.enumerated().map { "witness P\($0) \($1.text)\n" }
        let group = members.indices.map { " P\($0)" }.joined()
        return "log \(logKey.text)\n" + witnesses.joined()
            + "group everyone all\(group)\nquorum everyone\n"
    }
}

/// One party's own keys for the ledger.
public struct LedgerKeys: Sendable {
    public let statement, cosigner, log: SigningKey

    public init(statement: SigningKey, cosigner: SigningKey, log: SigningKey) {
        (self.statement, self.cosigner, self.log) = (statement, cosigner, log)
    }

    /// The public part.
    public func member(name: String) -> LedgerMember {
        LedgerMember(
            name: name, statementKey: statement.publicKey, cosignerKey: cosigner.publicKey,
            logKey: log.publicKey)
    }
}
