import Algebra
import BenchmarkKit
import Gadgets
import HonestMajority
import MPC
import Networking
import Primitives
import ReplicatedBenchmarks
import TestSupport

func measureSorts(_ benchmarks: inout Benchmarks) throws {
    func sort(_ n: Int, limit: Double) throws {
        try measure(
            ReplicatedOperation(
                name: "sort of \(n) rows, 64-bit key and payload", elements: n,
                shareBytes: n * 2 * 16, limit: limit,
                prepare: { (engine: inout Replicated3<Z64>) throws(MPCError) in
                    try randomRows(&engine, n)
                },
                run: { (engine, rows) throws(MPCError) in
                    _ = try engine.sort(rows, by: 0..<64, batch: 1 << 18)
                }),
            over: Z64(), &benchmarks)
    }
    try sort(10_000, limit: 0.1)
    try sort(1 << 20, limit: 5)
}

/// n rows with a 64-bit key and a number, inputs of P0.
func randomRows(_ engine: inout Replicated3<Z64>, _ n: Int) throws(MPCError)
    -> Columns<ReplicatedShares<Z64>, ReplicatedBits>
{
    let isOwner = engine.session.party.index == 0
    var generator = SeededGenerator(seed: 5)
    let keys = BitMatrix.random(rows: n, count: 64, using: &generator)
    let numbers = Vector(engine.ring, (0..<Int64(n)).map { $0 })
    return Columns(
        numbers: [try engine.input(isOwner ? numbers : nil, count: n, from: Party(0))],
        records: try engine.input(bits: isOwner ? keys : nil, rows: n, count: 64, from: Party(0)))
}
