import Algebra
import Foundation
import HonestMajority
import MPC
import Networking
import Primitives
import SecretSharing
import TestSupport
import Testing

/// What one party of three sees, over toy rings: every lane is a sample of the same protocol with
/// the same secrets, so one run of the real engine samples the joint distribution of a view.
///
/// The streams of keys are pseudorandom and cannot be enumerated as a dealer's randomness can; the
/// exact distributions are those of the executed specification (`s8_replicated3`, `s17_shuffle3`).
@Suite struct ReplicatedViewTests {
    static let ring = ToyPrime(3)
    static let lanes = 60_000

    /// Per party and lane: the shares that it held and got, and every value that it received.
    static func views(
        x: Int, y: Int,
        _ body:
            @escaping @Sendable (
                inout Replicated3<ToyPrime>, ReplicatedShares<ToyPrime>, ReplicatedShares<ToyPrime>
            ) throws -> [Int]
    ) throws -> (views: [[[Int]]], result: [Int]) {
        let recorders = InMemoryTransport.mesh(partyCount: 3).map { RecordingTransport($0) }
        let results = runParties(recorders) { session -> ([Int], [[Int]]) in
            var engine = try Replicated3(ring, session: session)
            // Shares with all three components random: x + 0 + 0 with inputs of all parties.
            func sharing(_ value: Int) throws -> ReplicatedShares<ToyPrime> {
                var sum = engine.constant(Vector(ring, zeros: lanes))
                for owner in session.allParties {
                    let mine = owner.index == 0 ? Int64(value) : 0
                    let values = Vector(ring, Array(repeating: mine, count: lanes))
                    sum =
                        try sum
                        + engine.input(
                            session.party == owner ? values : nil, count: lanes, from: owner)
                }
                return sum
            }
            let (x, y) = (try sharing(x), try sharing(y))
            let held = [x, y].flatMap { [$0.shares.first, $0.shares.second] }
            let marked = recorders[session.party.index].records.count
            let result = try body(&engine, x, y)
            let received = recorders[session.party.index].records[marked...]
                // Hashes of opened shares tell nothing beyond the shares themselves.
                .filter {
                    $0.direction == .received
                        && $0.frame.count != FrameHeader.byteCount + Digest.byteCount
                }
                .flatMap { record -> [[Int]] in
                    let values = ViewTests.values(
                        record.frame.dropFirst(FrameHeader.byteCount), lanes: lanes)
                    return stride(from: 0, to: values.count, by: lanes).map {
                        Array(values[$0..<$0 + lanes])
                    }
                }
            return (result, held.map { $0.decoded().map(Int.init) } + received)
        }
        let all = try results.compactMap { try $0.get() }
        return (all.map(\.1), all[0].0)
    }

    /// χ² of two samples of equal size, in standard deviations above its mean.
    static func deviation(_ a: [[Int]], _ b: [[Int]]) -> Double {
        func counts(_ view: [[Int]]) -> [Int: Int] {
            var counts: [Int: Int] = [:]
            for lane in 0..<lanes { counts[view.reduce(0) { $0 * 3 + $1[lane] }, default: 0] += 1 }
            return counts
        }
        let (first, second) = (counts(a), counts(b))
        let cells = Set(first.keys).union(second.keys)
        let sum = cells.reduce(0.0) {
            let (x, y) = (Double(first[$1] ?? 0), Double(second[$1] ?? 0))
            return $0 + (x - y) * (x - y) / (x + y)
        }
        let degrees = Double(cells.count - 1)
        return (sum - degrees) / (2 * degrees).squareRoot()
    }

    @Test("A product shows no party anything of its factors")
    func products() throws {
        let all = try [(0, 0), (1, 2), (2, 2)].map { x, y in
            try Self.views(x: x, y: y) { engine, x, y in
                let z = try engine.multiply(x, y)
                return try engine.reveal(z).value.decoded().map(Int.init)
            }
        }
        for (secrets, run) in zip([0, 2, 1], all) {
            #expect(run.result.allSatisfy { $0 == secrets })
        }
        for party in 0..<3 {
            // The last value received is the missing share of the opened product: left out.
            let views = all.map { Array($0.views[party].dropLast()) }
            #expect(views[0].count == 5)
            #expect(Self.deviation(views[0], views[1]) < 6)
            #expect(Self.deviation(views[0], views[2]) < 6)
        }
    }

    @Test("Bits to numbers, and back to bits: no view tells the bit")
    func conversions() throws {
        let all = try [0, 1].map { x in
            try Self.views(x: x, y: 0) { engine, x, _ in
                let bit = try engine.bits(of: x, count: 1)
                return try engine.reveal(engine.fromBits(bit)).value.decoded().map(Int.init)
            }
        }
        for (secret, run) in zip([0, 1], all) { #expect(run.result.allSatisfy { $0 == secret }) }
        for party in 0..<3 {
            let views = all.map { Array($0.views[party].dropLast()) }
            // Enough of what was received to be joint, little enough for every cell to be filled.
            for start in stride(from: 0, to: views[0].count, by: 3) {
                let part = { (view: [[Int]]) in
                    Array(view[0..<2]) + Array(view[start..<min(start + 5, view.count)])
                }
                #expect(Self.deviation(part(views[0]), part(views[1])) < 6, "\(party), \(start)")
            }
        }
    }

    @Test("The statistic tells a leak")
    func leaksAreTold() throws {
        // Without zero shares the element sent would depend on the secrets: as here.
        var generator = SeededGenerator(seed: 1)
        let noise = Vector.random(Self.ring, count: Self.lanes, using: &generator).decoded()
        let biased = noise.enumerated().map { $0 % 20 == 0 ? 0 : Int($1) }
        #expect(Self.deviation([noise.map(Int.init)], [biased]) > 6)
    }

    @Test("Every order of three and of four rows is equally likely", arguments: [(3, 36), (4, 72)])
    func shuffles(rows: Int, bound: Int) throws {
        let orders = (1...rows).reduce(1, *)
        let runs = 100 * orders
        let results = runParties(InMemoryTransport.mesh(partyCount: 3)) { session -> [[UInt64]] in
            var engine = try Replicated3(Z64(), session: session)
            let columns = Columns(
                numbers: [engine.constant(Vector(Z64(), (0..<rows).map(Int64.init)))],
                records: engine.constant(bits: BitMatrix(rows: rows, count: 0)))
            var seen: [[UInt64]] = []
            for _ in 0..<runs {
                seen.append(try engine.reveal(engine.shuffle(columns).numbers[0]).value.decoded())
            }
            return seen
        }
        var counts: [[UInt64]: Int] = [:]
        for order in try #require(try results[0].get()) { counts[order, default: 0] += 1 }
        #expect(counts.count == orders)
        // χ² with 5 and with 23 degrees of freedom: above the bound with probability 10⁻⁶.
        #expect(counts.values.reduce(0) { $0 + ($1 - 100) * ($1 - 100) } / 100 < bound)
    }
}
