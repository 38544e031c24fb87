import Algebra
import BenchmarkKit
import MPC
import Networking
import Preprocessing
import Primitives
import ReplicatedBenchmarks
import SecretSharing
import TestSupport

/// What a batch of one kind takes, made without a dealer over TLS, all parties in this process.
private func measureBatch<R: Ring>(
    _ name: String, _ ring: R, parties: Int, elements: Int, minimum: Double? = nil,
    _ benchmarks: inout Benchmarks,
    make: @escaping @Sendable (inout ObliviousRandomness<R>) throws(MPCError) -> Void
) throws {
    let name = "\(name), \(parties) parties, no dealer"
    guard benchmarks.isWanted(name) else { return }
    let repetitions = benchmarks.repetitions
    let results = try runParties(connectedMesh(partyCount: parties, dealer: false)) { session in
        var randomness = ObliviousRandomness(ring, session: session)
        return try (0...repetitions).map { _ throws(MPCError) -> Repetition in
            // Nobody begins before all have ended; the first time sets the transfers up.
            _ = try session.open([Vector(ring, zeros: 1)])
            let start = session.costs.report.total
            try make(&randomness)
            try session.flush()
            return Repetition(from: start, to: session.costs.report.total)
        }
    }
    let perParty = try results.compactMap { try $0.get()?.dropFirst() }.map(Array.init)
    let times = (0..<repetitions).map { r in perParty.map { $0[r].nanoseconds }.max() ?? 0 }
    let bytes = perParty.reduce(0) { $0 + $1[0].bytes }
    benchmarks.record(
        name, elements: elements, nanoseconds: times,
        traffic: Traffic(rounds: perParty[0][0].rounds, bytes: bytes))
    let median = times.sorted()[times.count / 2] / 1e9
    benchmarks.derive("\(name), a second", value: Double(elements) / median)
    benchmarks.derive("\(name), bytes each", value: Double(bytes) / Double(elements))
    if let minimum {
        benchmarks.derive(
            "\(name), seconds", value: median, limit: Double(elements) / minimum)
    }
}

func measureCorrelations(_ benchmarks: inout Benchmarks) throws {
    func triples<R: Ring>(_ ring: R, _ n: Int, parties: Int, minimum: Double? = nil) throws {
        try measureBatch(
            "triples \(ring.name)", ring, parties: parties, elements: n, minimum: minimum,
            &benchmarks
        ) { (randomness) throws(MPCError) in _ = try randomness.makeTriples(n) }
    }
    try triples(Z64(), 400_000, parties: 2, minimum: 450_000)
    try triples(Prime62(), 200_000, parties: 2)
    try triples(Prime126(), 100_000, parties: 2, minimum: 100_000)
    try triples(try PrimeField.largest(bits: 128), 20_000, parties: 2)
    for parties in [3, 5] {
        try triples(Z64(), 50_000, parties: parties)
        try triples(Prime62(), 50_000, parties: parties)
    }
    for parties in [2, 3, 5] {
        let words = parties == 2 ? 200_000 : 30_000
        try measureBatch(
            "bit triples", Z64(), parties: parties, elements: 64 * words,
            minimum: parties == 2 ? 15_000_000 : nil, &benchmarks
        ) { (randomness) throws(MPCError) in _ = try randomness.makeBitTriples(words: words) }
        let n = parties == 2 ? 64_000 : 16_000
        try measureBatch(
            "daBits p62", Prime62(), parties: parties, elements: 10 * n, &benchmarks
        ) { (randomness) throws(MPCError) in _ = try randomness.makeDaBits(10 * n) }
        try measureBatch("edaBits p62", Prime62(), parties: parties, elements: n, &benchmarks) {
            (randomness) throws(MPCError) in _ = try randomness.makeEdaBits(n)
        }
        try measureBatch("edaBits z64", Z64(), parties: parties, elements: n, &benchmarks) {
            (randomness) throws(MPCError) in _ = try randomness.makeEdaBits(n)
        }
    }
    let shape = MatrixShape(rows: 10_000, inner: 30, columns: 1)
    try measureBatch(
        "matrix triple 10,000 x 30 x 1 z64", Z64(), parties: 2, elements: 300_000, &benchmarks
    ) { (randomness) throws(MPCError) in _ = try randomness.makeMatrixTriple(shape) }
    try measureBatch("leaf OTs", Z64(), parties: 2, elements: 1_600_000, &benchmarks) {
        (randomness) throws(MPCError) in
        _ = try randomness.makeLeafOTs(1_600_000, sender: Party(0))
    }
}
