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

/// Two parties without a dealer over TLS, both in this process: everything from the agreement on is
/// measured, the oblivious transfers' set-up and all that is made on the way included.
func measureTwoParties(_ benchmarks: inout Benchmarks) throws {
    try measure("100,000 comparisons", 100_000, limit: 0.25, &benchmarks) { engine in
        let n = 100_000
        let x = try numbers(n, from: Party(0), &engine)
        _ = try engine.isLess(x, than: numbers(n, from: Party(1), &engine))
    }
    for (rows, limit) in [(1000, 0.25), (10_000, 1.5)]
        + (benchmarks.isQuick ? [] : [(1 << 20, 90.0)])
    {
        for width in [32, 64] {
            let name = "sort of \(rows) rows, \(width)-bit key"
            try measure(name, rows, limit: limit, &benchmarks) { engine in
                var generator = SeededGenerator(seed: 5)
                let keys = BitMatrix.random(rows: rows, count: width, using: &generator)
                let records = try engine.input(
                    bits: engine.session.party.index == 0 ? keys : nil, rows: rows, count: width,
                    from: Party(0))
                _ = try engine.sort(
                    Columns(numbers: [], records: records), by: 0..<width, batch: 1 << 17)
            }
        }
    }
    try measure("logistic inference, 10,000 rows of 30", 10_000, limit: 0.4, &benchmarks) {
        engine in
        let (rows, features) = (10_000, 30)
        let x = try numbers(rows * features, from: Party(0), &engine)
        let weights = try numbers(features, from: Party(1), &engine)
        let logits = try engine.matrixProduct(
            x, weights, rows: rows, inner: features, columns: 1)
        _ = try engine.sigmoid(logits, fractionBits: 32)
    }
}

private typealias TwoPartyEngine = SemiHonestAdditive<
    Z64, PreparedRandomness<ObliviousRandomness<Z64>>
>

/// Numbers with 16 fraction bits between −1 and 1.
private func numbers(_ count: Int, from owner: Party, _ engine: inout TwoPartyEngine) throws
    -> TwoPartyEngine.Shares
{
    let values = (0..<Int64(count)).map { ($0 &* 7_919 &+ 31) % 131_072 - 65_536 }
    return try engine.input(
        engine.session.party == owner ? Vector(Z64(), values) : nil, count: count, from: owner)
}

private func measure(
    _ operation: String, _ elements: Int, limit: Double, _ benchmarks: inout Benchmarks,
    _ body: @escaping @Sendable (inout TwoPartyEngine) throws -> Void
) throws {
    let name = "\(operation), 2 parties, no dealer"
    guard benchmarks.isWanted(name) else { return }
    let repetitions = elements > 100_000 ? 1 : benchmarks.repetitions
    PeakMemory.reset()
    var times: [Double] = []
    var traffic = Traffic(rounds: 0, bytes: 0)
    for _ in 0..<repetitions {
        let results = try runParties(connectedMesh(partyCount: 2, dealer: false)) {
            session -> Repetition in
            let start = session.costs.report.total
            var engine = TwoPartyEngine(
                Z64(), session: session,
                source: PreparedRandomness(ObliviousRandomness(Z64(), session: session)))
            try body(&engine)
            return Repetition(from: start, to: session.costs.report.total)
        }
        let perParty = try results.compactMap { try $0.get() }
        times.append(perParty.map(\.nanoseconds).max() ?? 0)
        traffic = Traffic(
            rounds: perParty[0].rounds, bytes: perParty.reduce(0) { $0 + $1.bytes })
    }
    benchmarks.record(name, elements: elements, nanoseconds: times, traffic: traffic)
    benchmarks.derive(
        "\(name), seconds, median", value: times.sorted()[times.count / 2] / 1e9, limit: limit)
}
