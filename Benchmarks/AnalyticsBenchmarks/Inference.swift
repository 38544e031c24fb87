import Algebra
import BenchmarkKit
import Gadgets
import HonestMajority
import MPC
import Networking
import Primitives
import ReplicatedBenchmarks
import TestSupport

/// Logistic inference with a secret model: inner products with 32 fraction bits go into the sigmoid
/// without a truncation.
func measureInference(_ benchmarks: inout Benchmarks) throws {
    let (n, features) = (10_000, 30)
    try measure(
        ReplicatedOperation(
            name: "logistic inference of \(n) rows, \(features) features", elements: n,
            shareBytes: n * (features + 1) * 16, limit: 0.05,
            prepare: { (engine: inout Replicated3<Z64>) throws(MPCError) in
                let isOwner = engine.session.party.index == 0
                var generator = SeededGenerator(seed: 7)
                let numbers = (0..<(n + 1) * features).map { _ in
                    Int64(generator.next() >> 47) - (1 << 16)
                }
                let all = try engine.input(
                    isOwner ? Vector(engine.ring, numbers) : nil, count: numbers.count,
                    from: Party(0))
                return [all[0..<n * features], all[n * features..<(n + 1) * features]]
            },
            run: { (engine, operands) throws(MPCError) in
                let scores = try engine.matrixProduct(
                    operands[0], operands[1], rows: n, inner: features, columns: 1)
                _ = try engine.sigmoid(scores, fractionBits: 32)
            }),
        over: Z64(), &benchmarks)
}
