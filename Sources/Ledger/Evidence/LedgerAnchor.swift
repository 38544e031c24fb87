import Foundation
import Primitives

/// What an auditor trusts from the start: who keeps the ledger.
///
/// It is compared with the ledger's first or its newest membership; from either, the log's own
/// governance entries and signatures lead to all others. All founders sign by which policy they begin;
/// what is only the newest membership is taken if it asks for no fewer cosignatures than is known.
public enum LedgerAnchor: Sendable {
    /// As in a roster.
    case parties(LedgerParties)
    /// As in a policy file of C2SP's tlog-policy.
    case policy(LedgerPolicyFile)

    func isFounded(by parties: LedgerParties) -> Bool {
        switch self {
        case .parties(let known): known.members == parties.members
        case .policy(let file): file.matches(parties)
        }
    }

    /// Whether the newest checkpoint's membership is the known one, and each of its checkpoints needs as
    /// many cosignatures: fewer could have made all of the log before it.
    func isVouched(for parties: LedgerParties) -> Bool {
        switch self {
        case .parties(let known):
            known.members == parties.members && parties.policy.needed >= known.policy.needed
        case .policy(let file): file.matches(parties)
        }
    }
}

/// A policy file: C2SP tlog-policy, <https://c2sp.org/tlog-policy>, as far as ledgers use it.
///
/// Lines `log <key>`, `witness <name> <key>`, one `group <name> all|any|<k> <names…>`, and `quorum` with
/// the group's name; blank lines and lines that begin with `#` are skipped. It is refused if its group
/// lets one cheating party fork the ledger (``LedgerPolicy``).
public struct LedgerPolicyFile: Hashable, Sendable {
    let logKeys: Set<NoteKey>
    let witnessKeys: Set<NoteKey>
    let needed: Int

    public init(parsing text: String) throws(LedgerError) {
        var (logs, witnesses) = (Set<NoteKey>(), [String: NoteKey]())
        var group: (name: String, needed: Int)?
        var quorum: String?
        for (line, content) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let words = content.split(separator: " ").map(String.init)
            switch words.first {
            case nil: continue
            case let first? where first.hasPrefix("#"): continue
            case "log" where (2...3).contains(words.count):
                logs.insert(try NoteKey(parsing: words[1], type: .ed25519))
            case "witness" where (3...4).contains(words.count):
                let key = try NoteKey(parsing: words[2], type: .cosignature)
                guard witnesses.updateValue(key, forKey: words[1]) == nil else {
                    throw Self.refusal(line, "names the witness \(words[1]) again")
                }
            case "group" where words.count >= 4 && group == nil:
                let members = Set(words[3...])
                guard members == Set(witnesses.keys), words.count - 3 == members.count else {
                    throw Self.refusal(line, "has a group that is not all the witnesses")
                }
                let number = words[2] == "any" ? 1 : Int(words[2])
                guard let needed = words[2] == "all" ? members.count : number else {
                    throw Self.refusal(line, "has no number of witnesses")
                }
                _ = try LedgerPolicy(
                    needed: needed, faulty: needed == members.count ? needed - 1 : 1,
                    of: members.count)
                group = (words[1], needed)
            case "quorum" where words.count == 2: quorum = words[1]
            default: throw Self.refusal(line, "is none of log, witness, group, quorum")
            }
        }
        guard let group, group.name == quorum, !logs.isEmpty else {
            throw .malformed("a policy file needs a log, witnesses, a group and it as the quorum")
        }
        (logKeys, witnessKeys, needed) = (logs, Set(witnesses.values), group.needed)
    }

    private static func refusal(_ line: Int, _ reason: String) -> LedgerError {
        .malformed("line \(line + 1) of the policy file \(reason)")
    }

    package func matches(_ parties: LedgerParties) -> Bool {
        logKeys.contains(parties.logKey) && witnessKeys == Set(parties.cosignerKeys)
            && needed == parties.policy.needed
    }

    /// Verifies that a checkpoint's note has the signatures that the policy asks for.
    ///
    /// - Throws: ``LedgerError/malformed(_:)``; a known key's wrong signature is refused, strangers'
    ///   are passed over.
    public func verify(_ note: [UInt8]) throws(LedgerError) {
        let signed = try SignedNote(parsing: note)
        let checkpoint = try Checkpoint(parsing: signed.text)
        var cosigners = Set<NoteKey>()
        var isLogged = false
        for line in signed.lines {
            func isBy(_ key: NoteKey) -> Bool { key.name == line.name && key.id == line.id }
            if let key = logKeys.first(where: isBy), key.name == checkpoint.origin {
                guard key.key.verify(line.signature, of: Array(signed.text.utf8)) else {
                    throw .malformed("the log's signature of a checkpoint does not verify")
                }
                isLogged = true
            } else if let key = witnessKeys.first(where: isBy) {
                guard let read = Cosignature(line.signature), read.isValid(checkpoint, by: key)
                else {
                    throw .malformed(
                        "the signature of \(key.name) under a checkpoint does not verify")
                }
                cosigners.insert(key)
            }
        }
        guard isLogged, cosigners.count >= needed else {
            throw .malformed(
                "a checkpoint has \(cosigners.count) of the \(needed) cosignatures that the policy "
                    + "asks for" + (isLogged ? "" : ", and not the log's signature"))
        }
    }
}
