import Foundation
import MPC
import Reports
import Script
import Testing

/// A run that never was: its script is checked for real, its figures are made up.
enum Sample {
    static let text = """
        script sample version 3
        purpose  "Find <b>large</b> & \\"split\\" sums"
        basis    "Article 4"
        parties  north, south, west as bank, compute, result
        security semi-honest, at most 1 of 3 corrupt
        runs     1 per month until 2028-06-30

        table payment at each bank (
          payer key(iban),
          amount money(EUR) in 0.01 .. 1_000.00
        ) at most 5_000 rows

        table watched at each bank (
          payer key(iban)
        ) unique (payer) at most 300 rows

        let totals = select payer, sum(amount) as total, count(distinct bank) as banks
          from every payment
          group by payer
          having total >= EUR 500.00 and banks >= 2

        reveal payer from totals to the bank holding payer in watched

        """

    /// The script as it would be written without marks that quotes cannot hold.
    static func script() throws -> CheckedScript {
        let plain = text.replacing("\\\"", with: "")
        let source = SourceText(name: "sample.parley", plain)
        let (script, mistakes) = Checker.check(source, limit: 1 << 60)
        return try #require(
            script, "\(mistakes.map { $0.text(in: source) }.joined(separator: "\n"))")
    }

    /// Costs with an operator for each of the names.
    static func costs(_ names: [String]) throws -> CostReport {
        func cost(_ place: Int) -> String {
            """
            {"calls": 1, "rounds": \(70001 + place), "bytesSent": \(8_000_011 * (place + 1)), \
            "messagesSent": \(90021 + place), "seconds": \(Double(place + 1) * 0.250125)}
            """
        }
        struct Row: Encodable { let phase, `operator`: String }
        let rows = try names.enumerated().map { place, name in
            let coded = String(
                decoding: try JSONEncoder().encode(Row(phase: "online", operator: name)),
                as: UTF8.self)
            return "{\"cost\": \(cost(place)), \(coded.dropFirst())"
        }
        let json = """
            {"rows": [\(rows.joined(separator: ","))], "total": \(cost(40)), \
            "preprocessing": \(cost(20)), "peakMemory": 123456789}
            """
        return try JSONDecoder().decode(CostReport.self, from: Data(json.utf8))
    }

    static func answer(rows: Int, text: (Int) -> String = { "DE\(100_000 + $0)" })
        -> RunDocument.Answer
    {
        RunDocument.Answer(
            name: "reveal 1", line: 21, columns: ["payer", "total"],
            rows: (0..<rows).map { [text($0), "\($0).25"] }, isSuppressed: false, number: nil,
            holds: nil)
    }

    static let proof = LedgerProof(
        entries: [
            .init(
                kind: "intent", index: 17, leafHash: String(repeating: "ab", count: 32),
                signers: ["north", "south", "west"], time: 1_795_446_477,
                says: ["intent of sample", "input of north: payment, 4711 rows"]),
            .init(
                kind: "outcome", index: 18, leafHash: String(repeating: "cd", count: 32),
                signers: ["north", "south", "west"], time: 1_795_446_499, says: ["completed"]),
        ], size: 19, checkpoint: "parley.invalid/1\n19\n", commands: ["sha256sum -c SHA256SUMS"])

    static func document(
        answers: [RunDocument.Answer], operators: [String] = ["group by payer (line 16)"],
        facts: [(name: String, value: String)] = [("Protocol", "replicated3 over z64")]
    ) throws -> RunDocument {
        let script = try script()
        return RunDocument(
            party: "north", period: "2026-11", session: String(repeating: "5f", count: 32),
            time: 1_795_446_500, manifest: Manifest(of: script), answers: answers,
            costs: try costs(operators), facts: facts, flow: FlowPicture(of: script),
            record: proof,
            signatures: [
                .init(
                    party: "north", role: "compliance", subject: "sample version 3",
                    time: 1_795_000_000, entry: 12)
            ])
    }
}
