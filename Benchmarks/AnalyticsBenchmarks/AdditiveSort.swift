import Algebra
import BenchmarkKit
import Circuits
import DishonestMajority
import Gadgets
import MPC
import Networking
import Preprocessing
import Primitives
import ReplicatedBenchmarks
import SecretSharing
import TestSupport

/// The online phase of a sort by two parties and a dealer, randomness dealt before each repetition.
func measureAdditiveSort(_ benchmarks: inout Benchmarks) throws {
    let (n, ring) = (10_000, Z64())
    let name = "sort of \(n) rows, 64-bit key and payload, 2 parties with dealer"
    guard benchmarks.isWanted(name) else { return }
    let repetitions = benchmarks.repetitions
    let results = try runParties(
        connectedMesh(partyCount: 2, dealer: true),
        dealer: { try TrustedDealer(ring, session: $0).serve() }
    ) { session -> [Repetition] in
        var engine = SemiHonestAdditive(
            ring, session: session, source: DealtRandomness(ring, session: session))
        let isOwner = session.party == Party(0)
        var generator = SeededGenerator(seed: 5)
        let keys = BitMatrix.random(rows: n, count: 64, using: &generator)
        let numbers = Vector(ring, (0..<Int64(n)).map { $0 })
        let rows = Columns(
            numbers: [try engine.input(isOwner ? numbers : nil, count: n, from: Party(0))],
            records: try engine.input(
                bits: isOwner ? keys : nil, rows: n, count: 64, from: Party(0)))
        // Up to 20 comparisons a row, of keys of 64 bits and row numbers of 14.
        let budget = (0..<20).reduce(
            Budget.shuffle(rows: n, numbers: 1, recordBits: 128, parties: 2)
        ) { sum, _ in sum + .keyComparisons(n, bits: 78) }
        var all: [Repetition] = []
        for _ in 0...repetitions {
            try engine.prepare(budget)
            _ = try engine.reveal(engine.constant(Vector(ring, zeros: 1)))
            let start = engine.costs.report.total
            _ = try engine.sort(rows, by: 0..<64, batch: 1 << 18)
            all.append(Repetition(from: start, to: engine.costs.report.total))
        }
        try engine.finish()
        return Array(all.dropFirst())  // the first warms up
    }
    let perParty = try results.compactMap { try $0.get() }
    let times = (0..<repetitions).map { r in perParty.map { $0[r].nanoseconds }.max() ?? 0 }
    benchmarks.record(
        name, elements: n, nanoseconds: times,
        traffic: Traffic(
            rounds: perParty[0][0].rounds, bytes: perParty.reduce(0) { $0 + $1[0].bytes }))
    benchmarks.derive(
        "\(name), seconds, median", value: times.sorted()[times.count / 2] / 1e9, limit: 1)
}
