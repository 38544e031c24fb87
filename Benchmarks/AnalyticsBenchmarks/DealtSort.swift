import Algebra
import BenchmarkKit
import DishonestMajority
import Gadgets
import MPC
import Networking
import Preprocessing
import Primitives
import ReplicatedBenchmarks
import TestSupport

/// A sort by two parties with a dealer; what is dealt on the way counts too.
func measureDealtSort(_ benchmarks: inout Benchmarks) throws {
    let n = 10_000
    let name = "sort of \(n) rows, 64-bit key, additive, 2 parties, dealing included"
    guard benchmarks.isWanted(name) else { return }
    let repetitions = benchmarks.repetitions
    let results = try runParties(
        connectedMesh(partyCount: 2, dealer: true),
        dealer: { try TrustedDealer(Z64(), session: $0).serve() }
    ) { session -> [Repetition] in
        var engine = SemiHonestAdditive(
            Z64(), session: session,
            source: PreparedRandomness(DealtRandomness(Z64(), session: session)))
        var generator = SeededGenerator(seed: 5)
        let keys = BitMatrix.random(rows: n, count: 64, using: &generator)
        let records = try engine.input(
            bits: session.party.index == 0 ? keys : nil, rows: n, count: 64, from: Party(0))
        let all = try (0...repetitions).map { _ in
            _ = try engine.reveal(engine.constant(Vector(Z64(), zeros: 1)))
            let start = session.costs.report.total
            _ = try engine.sort(
                Columns(numbers: [], records: records), by: 0..<64, batch: 1 << 16)
            return Repetition(from: start, to: session.costs.report.total)
        }
        try engine.finish()
        return Array(all.dropFirst())
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
