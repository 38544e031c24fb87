import Algebra
import BenchmarkKit
import HonestMajority
import MPC
import Networking
import Primitives
import ReplicatedBenchmarks
import TestSupport

private func numbers<R: Ring>(_ engine: inout Replicated3<R>, _ count: Int) throws(MPCError)
    -> ReplicatedShares<R>
{
    let ring = engine.ring
    let values = (0..<Int64(count)).map { ($0 &* 0x1234_5678_9ABC_DEF1) >> 4 }
    return try engine.input(
        engine.session.party.index == 0 ? Vector(ring, values) : nil, count: count, from: Party(0))
}

func measureThreeParties(_ benchmarks: inout Benchmarks) throws {
    func multiply<R: Ring>(_ ring: R, limit: Double? = nil) throws {
        let n = 1_000_000
        try measure(
            ReplicatedOperation(
                name: "multiplication \(ring.name), replicated", elements: n,
                shareBytes: 6 * n * 8 * ring.limbsPerElement, limit: limit,
                prepare: { (engine) throws(MPCError) in try numbers(&engine, n) },
                run: { (engine, x) throws(MPCError) in _ = try engine.multiply(x, x) }),
            over: ring, &benchmarks)
    }
    try multiply(Z64(), limit: 0.06)
    try multiply(Prime62())

    let lanes = 1_000_000
    try measure(
        ReplicatedOperation(
            name: "AND bit-sliced, replicated", elements: 100 * lanes,
            shareBytes: 3 * 2 * 100 * lanes / 8, limit: 0.07,
            prepare: { (engine: inout Replicated3<Z64>) throws(MPCError) in
                try engine.input(
                    bits: engine.session.party.index == 0
                        ? BitMatrix(rows: 100, count: lanes, repeating: true) : nil,
                    rows: 100, count: lanes, from: Party(0))
            },
            run: { (engine, x) throws(MPCError) in _ = try engine.and(x, x) }),
        over: Z64(), &benchmarks)

    func compare<R: Ring>(_ ring: R, _ n: Int, limit: Double?) throws {
        try measure(
            ReplicatedOperation(
                name: "comparison \(n) \(ring.name), replicated", elements: n,
                shareBytes: n * 16 * ring.limbsPerElement + n / 4, limit: limit,
                prepare: { (engine) throws(MPCError) in try numbers(&engine, n) },
                run: { (engine, x) throws(MPCError) in _ = try engine.isNegative(x) }),
            over: ring, &benchmarks)
    }
    try compare(Z64(), 100_000, limit: 0.03)
    try compare(Z64(), 1_000_000, limit: 0.25)
    try compare(Prime62(), 100_000, limit: 0.03)

    let rows = 1 << 20
    try measure(
        ReplicatedOperation(
            name: "shuffle of 128-bit records, replicated", elements: rows,
            shareBytes: 2 * 2 * rows * 16,
            prepare: { (engine: inout Replicated3<Z64>) throws(MPCError) in
                Columns(
                    numbers: [],
                    records: try engine.input(
                        bits: engine.session.party.index == 0
                            ? BitMatrix(rows: rows, count: 128) : nil, rows: rows, count: 128,
                        from: Party(0)))
            },
            run: { (engine, x) throws(MPCError) in _ = try engine.shuffle(x) }),
        over: Z64(), &benchmarks)
}
