import Foundation
public import Ledger
import Primitives

extension LedgerRecord {
    /// A few lines for people.
    public var summary: String {
        let number = index.map { "entry \($0)" } ?? "not yet in the log"
        let hash = leafHash.map { "  \($0.hex.prefix(16))…" } ?? ""
        return "\(number)\(hash)  signed by \(signers.joined(separator: ", "))\n" + details
    }

    private var details: String {
        switch statement {
        case .intent(let intent):
            let inputs = intent.inputs.map {
                "    input of \($0.party): \($0.table), \(counted($0.rows, "row")), commitment "
                    + "\($0.commitment.hex.prefix(16))…"
            }
            return
                ([
                    "  intent \(date(intent.time)): \(intent.program.name) over "
                        + "\(intent.parameters.ring), \(intent.parameters.protocol), dealer "
                        + "\(intent.participants.dealer ?? "none")",
                    "    "
                        + intent.parameters.thresholds.map { "\($0.name) \($0.value)" }
                        .joined(separator: ", "),
                ] + inputs).joined(separator: "\n")
        case .outcome(let outcome):
            let end =
                outcome.status == .completed
                ? "\(counted(outcome.releases.count, "release")), received by "
                    + outcome.receipts.map(\.party).joined(separator: ", ")
                : "at step \(outcome.step ?? "?"), said by "
                    + "\(outcome.accuser ?? signers.joined(separator: ", ")), culprit "
                    + "\(outcome.culprit ?? "unknown"): \(outcome.reason ?? "")"
            return
                "  outcome \(date(outcome.time)) of intent \(outcome.intent.hex.prefix(16))…: "
                + "\(outcome.status.rawValue), \(end)"
        case .genesis(let genesis):
            return
                "  genesis \(date(genesis.time)): \(genesis.origin), kept by "
                + "\(genesis.members.map(\.name).joined(separator: ", ")), ordered by "
                + "\(genesis.sequencer), \(genesis.policy.needed) cosign"
        case .proposal(let proposal):
            return
                "  proposal \(date(proposal.time)) of \(proposal.author): \(proposal.action.text)"
        case .ballot(let ballot):
            return
                "  ballot \(date(ballot.time)) of \(ballot.author) "
                + "\(ballot.approves ? "for" : "against") \(ballot.proposal.hex.prefix(16))…"
        case .note(let note):
            return
                "  note \(date(note.time)) of \(note.author) to "
                + note.recipients.joined(separator: ", ")
        case .file(let file):
            return
                "  file \(date(file.time)) of \(file.author), \(file.bytes) bytes, to "
                + file.recipients.joined(separator: ", ")
        case .receipt(let receipt):
            return
                "  receipt \(date(receipt.time)) of \(receipt.author) for "
                + "\(receipt.subject.hex.prefix(16))…"
        case .erasure(let erasure):
            return
                "  erasure \(date(erasure.time)) by \(erasure.author) of "
                + "\(erasure.subject.hex.prefix(16))…"
        case .retention(let retention):
            let holds = retention.holds.isEmpty ? "" : ", on hold: \(retention.holds)"
            return
                "  retention \(date(retention.time)) by \(retention.author) of "
                + "\(retention.subject.hex.prefix(16))… until \(date(retention.until))"
                + (retention.isLocked ? ", locked" : "") + holds
        case .digest(let digest):
            return "  table digest \(date(digest.time)) of \(digest.author): \(digest.document)"
        case .build(let build):
            return
                "  build \(date(build.time)) of \(build.author): commit \(build.commit), program "
                + "\(build.binary.hex.prefix(16))…"
        case .service(let service):
            return
                "  service certificate \(date(service.time)) of \(service.author): SHA-256 "
                + service.fingerprint.hex
        case .approval(let approval):
            let subject = approval.subject
            return
                "  \(approval.verdict == .approved ? "approval" : "withdrawal of the approval") "
                + "\(date(approval.time)) by the role \(approval.role) of \(approval.author): "
                + "\(subject.script) version \(subject.version), text "
                + "\(subject.text.hex.prefix(16))…, \(subject.protocol), \(subject.ring)"
                + (approval.until.map { ", until \($0)" } ?? "")
        }
    }

    /// The whole statement as one line of JSON.
    public func jsonLine() throws -> String {
        struct Line: Encodable {
            let index: Int?
            let leafHash: String?
            let digest: String
            let time: Int64?
            let signers: [String]
            let statement: Statement
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = Line(
            index: index, leafHash: leafHash?.hex, digest: try statement.digest.hex, time: time,
            signers: signers, statement: statement)
        return String(decoding: try encoder.encode(line), as: UTF8.self)
    }

    private func date(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }
}

extension Proposal.Action {
    /// What is asked for, in words.
    public var text: String {
        switch self {
        case .addMember(let member): "add \(member.name)"
        case .removeMember(let name): "remove \(name)"
        case .setKeys(let member): "new keys for \(member.name)"
        case .setPolicy(let policy):
            "\(counted(policy.needed, "cosignature")), against \(policy.faulty) cheating parties"
        case .setSequencer(let name): "\(name) orders the entries"
        }
    }
}
