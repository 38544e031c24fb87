import Algebra
import BenchmarkKit
import DishonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import ReplicatedBenchmarks
import SecretSharing
import TestSupport

typealias DealtAdditive<R: Ring> = SemiHonestAdditive<R, PreparedRandomness<DealtRandomness<R>>>

/// What is measured, on vectors of n numbers over the whole declared range.
enum Operation: String {
    case multiplication, comparison

    var count: Int { self == .multiplication ? 1_000_000 : 100_000 }

    func budget(over ring: some Ring) -> Budget {
        self == .multiplication ? .multiplications(count) : .comparisons(count, over: ring)
    }

    /// Bytes of one party's shares: the operands, the result and the randomness that it takes.
    func shareBytes(over ring: some Ring) -> Int {
        let element = 8 * ring.limbsPerElement
        let budget = budget(over: ring)
        let monomialBits = MonomialShape(for: ring).rowCount
        let results = self == .multiplication ? 3 * count * element : count * element + count / 8
        return results + 3 * element * budget.triples
            + budget.edaBits * (element + monomialBits / 8)
            + 8 * (3 * budget.bitTripleWords + 5 * budget.forkedBitTripleWords)
    }
}

/// The online phase over TLS, with randomness dealt before each repetition.
///
/// A repetition takes as long as its slowest party; bytes are those of all parties. The peak of
/// memory is that of the process, which is every party and the dealer, preparation included.
func measureOnline<R: Ring>(
    _ operation: Operation, over ring: R, _ ringName: String, parties: Int,
    limit: Double? = nil, _ benchmarks: inout Benchmarks
) throws {
    let name = "\(operation) \(ringName), \(parties) parties"
    guard benchmarks.isWanted(name) else { return }
    let repetitions = benchmarks.repetitions
    PeakMemory.reset()
    let results = try runParties(
        connectedMesh(partyCount: parties, dealer: true),
        dealer: { try TrustedDealer(ring, session: $0).serve() }
    ) { session -> [Repetition] in
        var engine = DealtAdditive(
            ring, session: session,
            source: PreparedRandomness(DealtRandomness(ring, session: session)))
        let operands = Operands(operation.count, ring)
        let x = try engine.input(
            session.party.index == 0 ? operands.numbers : nil, count: operation.count,
            from: Party(0))
        let all = try (0...repetitions).map { _ in
            try repetition(of: operation, on: x, expecting: operands, with: &engine)
        }
        try engine.finish()
        return Array(all.dropFirst())  // the first warms up
    }
    let perParty = try results.compactMap { try $0.get() }
    let times = (0..<repetitions).map { r in perParty.map { $0[r].nanoseconds }.max() ?? 0 }
    benchmarks.record(
        name, elements: operation.count, nanoseconds: times,
        traffic: Traffic(
            rounds: perParty[0][0].rounds, bytes: perParty.reduce(0) { $0 + $1[0].bytes }))
    benchmarks.derive(
        "\(name), seconds, median", value: times.sorted()[times.count / 2] / 1e9,
        limit: limit)
    let shares = parties * operation.shareBytes(over: ring)
    benchmarks.derive("\(name), MiB of shares", value: Double(shares) / Double(1 << 20))
    benchmarks.derive(
        "\(name), peak memory / shares", value: Double(PeakMemory.bytes ?? 0) / Double(shares),
        limit: 10)
}

/// Numbers evenly spread over the declared range, its ends among them, and their signs.
private struct Operands<R: Ring> {
    let numbers: Vector<R>
    let negative: BitMatrix

    init(_ count: Int, _ ring: R) {
        let bound = ring.numberBound
        let few = (0...1024).map { (bound * BigInteger($0)) >> 9 - bound }
        numbers =
            Vector.concatenating(
                Array(repeating: Vector(ring, big: few), count: count / few.count + 1))[0..<count]
        negative = BitMatrix((0..<count).map { few[$0 % few.count] < 0 })
    }
}

private func repetition<R: Ring>(
    of operation: Operation, on x: AdditiveShares<R>, expecting operands: Operands<R>,
    with engine: inout DealtAdditive<R>
) throws(MPCError) -> Repetition {
    try engine.prepare(operation.budget(over: engine.ring))
    // Nobody begins before all are prepared.
    _ = try engine.reveal(engine.constant(Vector(engine.ring, zeros: 1)))
    let start = engine.costs.report.total
    let end: Cost
    let isRight: Bool
    switch operation {
    case .multiplication:
        let products = try engine.multiply(x, x)
        end = engine.costs.report.total
        isRight = try engine.reveal(products).value == operands.numbers * operands.numbers
    case .comparison:
        let negative = try engine.isNegative(x)
        end = engine.costs.report.total
        isRight = try engine.reveal(bits: negative).value == operands.negative
    }
    precondition(isRight, "a wrong result of a \(operation)")
    return Repetition(from: start, to: end)
}
