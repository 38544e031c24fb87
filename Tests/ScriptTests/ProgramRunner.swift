import Algebra
import Analytics
import DishonestMajority
import HonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import Script
import TestSupport
import Testing

/// Runs a program in the clear, by three parties and by two, with a dealer and without, and expects
/// the same of all: bit for bit what each recipient learns, and nothing for others.
///
/// - Returns: what the plaintext engine gave.
func runEverywhere(_ builder: ProgramBuilder) throws -> [ReleaseResult] {
    let (program, tables) = (builder.program, builder.tables)
    var plain = PlainEngine(Z64())
    let expected = try plain.run(program, inputs: tables)
    func compare(_ results: [Result<[ReleaseResult]?, any Error>], _ name: Comment) throws {
        for (party, result) in results.enumerated() {
            // The dealer comes last and learns nothing.
            guard let result = try result.get() else { continue }
            let mine = expected.filter { [nil, Party(party)].contains($0.recipient) }
            #expect(result == mine, name)
        }
    }
    func inputs(of party: Party) -> [PlainTable?] {
        zip(program.inputs, tables).map { $0.owner == party ? $1 : nil }
    }

    try compare(
        runParties(InMemoryTransport.mesh(partyCount: 3, deadline: .seconds(60))) { session in
            var engine = try Replicated3(Z64(), session: session)
            let results = try engine.run(program, inputs: inputs(of: session.party))
            // Every release is one, whatever it tells.
            #expect(session.releases.count == Set(expected.map(\.index)).count)
            return results
        }, "replicated")
    try compare(
        runParties(
            InMemoryTransport.mesh(partyCount: 2, dealer: true, deadline: .seconds(60)),
            dealer: { try TrustedDealer(Prime62(), session: $0).serve() }
        ) { session in
            var engine = SemiHonestAdditive<Prime62, PreparedRandomness<DealtRandomness<Prime62>>>(
                Prime62(), session: session,
                source: PreparedRandomness(DealtRandomness(Prime62(), session: session)))
            let results = try engine.run(program, inputs: inputs(of: session.party))
            try engine.finish()
            return results
        }, "additive with a dealer")
    try compare(
        runParties(InMemoryTransport.mesh(partyCount: 2, deadline: .seconds(60))) { session in
            var engine = SemiHonestAdditive(
                Z64(), session: session,
                source: PreparedRandomness(ObliviousRandomness(Z64(), session: session)))
            return try engine.run(program, inputs: inputs(of: session.party))
        }, "additive without a dealer")
    return expected
}
