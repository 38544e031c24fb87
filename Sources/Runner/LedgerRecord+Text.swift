import Foundation
public import Ledger
import Primitives

extension LedgerRecord {
    /// A few lines for people.
    public var summary: String {
        let number = index.map { "entry \($0)" } ?? "not yet cosigned"
        let head =
            "\(number)  \(leafHash.hex.prefix(16))…  signed by \(signers.joined(separator: ", "))"
        switch statement {
        case .intent(let intent):
            let inputs = intent.inputs.map {
                "    input of \($0.party): \($0.table), \($0.rows) rows, commitment "
                    + "\($0.commitment.hex.prefix(16))…"
            }
            return
                ([
                    head,
                    "  intent \(time(intent.time)): \(intent.program.name) over "
                        + "\(intent.parameters.ring), \(intent.parameters.protocol), dealer "
                        + "\(intent.participants.dealer ?? "none")",
                    "    "
                        + intent.parameters.thresholds.map { "\($0.name) \($0.value)" }
                        .joined(separator: ", "),
                ] + inputs).joined(separator: "\n")
        case .outcome(let outcome):
            let end =
                outcome.status == .completed
                ? "\(outcome.releases.count) release, received by "
                    + outcome.receipts.map(\.party).joined(separator: ", ")
                : "at step \(outcome.step ?? "?"), said by \(outcome.accuser ?? "?"), culprit "
                    + "\(outcome.culprit ?? "unknown"): \(outcome.reason ?? "")"
            return """
                \(head)
                  outcome \(time(outcome.time)) of intent \(outcome.intent.hex.prefix(16))…: \
                \(outcome.status.rawValue), \(end)
                """
        }
    }

    /// The whole statement as one line of JSON.
    public func jsonLine() throws -> String {
        struct Line: Encodable {
            let index: Int?
            let leafHash: String
            let signers: [String]
            let statement: Statement
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = Line(
            index: index, leafHash: leafHash.hex, signers: signers, statement: statement)
        return String(decoding: try encoder.encode(line), as: UTF8.self)
    }

    private func time(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }
}
