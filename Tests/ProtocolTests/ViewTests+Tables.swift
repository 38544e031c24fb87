import Algebra
import DishonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// Exact views of what tables need: truncation and shuffles.
extension ViewTests {
    @Test("Truncation shows nothing up to the conversion of its bits")
    func truncation() throws {
        // p = 7, by one bit: the wrap is local, one AND chooses between the comparisons. P0's shares
        // of x and of the masks' halves that are never opened are fixed.
        let ring = ToyPrime(7)
        let shape = TruncationShape(for: ring, bits: 1)
        #expect(shape.isWrapLocal && shape.all.rowCount == 2)
        // x₁, r₀, r₁, P0's two bits of r, a bit triple (a₀, a₁, b₀, b₁, c₀).
        let columns = Self.enumerate([7, 7, 7] + Array(repeating: 2, count: 7))
        let n = columns[0].count
        let lanes = (n + 63) / 64 * 64
        let (x0, x1) = (Array(repeating: 2, count: n), columns[0])
        let (r0, r1, bits0) = (columns[1], columns[2], Array(columns[3..<5]))
        let r = (0..<n).map { (r0[$0] + r1[$0]) % 7 }
        let bits1 = [0, 2].enumerated().map { row, bit in
            (0..<n).map { bits0[row][$0] ^ (r[$0] >> bit & 1) }
        }
        let triple = Array(columns[5..<10])
        let c1 = (0..<n).map { lane in
            let (a, b) = (triple[0][lane] ^ triple[1][lane], triple[2][lane] ^ triple[3][lane])
            return a & b ^ triple[4][lane]
        }
        let padding = Array(repeating: 0, count: lanes - n)
        func vector(_ values: [Int]) -> AdditiveShares<ToyPrime> {
            AdditiveShares(Vector(ring, values.map(Int64.init)))
        }
        func row(_ values: [Int]) -> XORShares {
            XORShares(BitMatrix((values + padding).map { $0 == 1 }))
        }
        let zeros = Array(repeating: 0, count: n)
        typealias Masks = TruncationMasks<AdditiveShares<ToyPrime>, XORShares>
        func mask(_ r: [Int], _ high: [Int], _ bits: [[Int]]) -> Masks {
            Masks(
                r: vector(r + padding), high: vector(high + padding),
                monomials: XORShares.concatenating(rows: bits.map(row)), shape: shape)
        }
        let masks = [mask(r0, zeros, bits0), mask(r1, r.map { $0 >> 1 }, bits1)]
        let bitTriples = [
            BitTriples(a: row(triple[0]), b: row(triple[2]), c: row(triple[4])),
            BitTriples(a: row(triple[1]), b: row(triple[3]), c: row(c1)),
        ]
        // daBits of zeros: their openings show u and w, and are left out of the view.
        let zeroBits = DaBits(arithmetic: vector(zeros), bits: row(zeros).lanes(0..<n))
        let shares = [vector(x0), vector(x1)]
        let opened = try Self.run(ring) { session in
            let me = session.party.index
            let source = ScriptedSource(
                bitTriples: [bitTriples[me]], daBits: [zeroBits, zeroBits],
                truncationMasks: [masks[me]])
            var engine = SemiHonestAdditive(ring, session: session, source: source)
            let z = try engine.truncate(shares[me], by: 1)
            return try engine.open([z])[0].masked.integers.map { Int($0.description) ?? -1 }
        }
        var wrong = 0
        let own: [[[Int]]] = [
            [x0, r0, bits0[0], bits0[1], triple[0], triple[2], triple[4]],
            [x1, r1, bits1[0], bits1[1], triple[1], triple[3], c1],
        ]
        var tallies = [Tally(), Tally()]
        for lane in 0..<n {
            let x = (x0[lane] + x1[lane]) % 7
            guard [0, 1, 6].contains(x) else { continue }  // the numbers of this field: −1, 0, 1
            wrong += opened.result[lane] == (x == 6 ? 6 : 0) ? 0 : 1
            for party in [0, 1] {
                let frames = opened.received[party]
                let view = own[party].map { $0[lane] }
                let received = [frames[0][lane], frames[1][lane], frames[1][lanes + lane]]
                tallies[party].add(known: [], secret: [x], view: view + received)
            }
        }
        #expect(wrong == 0)
        #expect(tallies[0].isIndependentOfSecrets && tallies[0].secretsCompared == 3)
    }

    @Test("A shuffle shows nothing but the rows' multiset once they are opened")
    func shareTranslation() throws {
        // Two rows of one bit, every instance a lane of its own: shares of x, then a and b of the
        // party that does not permute, for P0's permutation and for P1's.
        let columns = Self.enumerate(Array(repeating: 2, count: 12))
        let n = columns[0].count
        func rows(_ first: Int) -> XORShares {
            XORShares(
                .concatenating(
                    rows: columns[first..<first + 2].map { BitMatrix($0.map { $0 == 1 }) }))
        }
        @Sendable func records(_ bits: XORShares) -> Columns<AdditiveShares<ToyPrime>, XORShares> {
            Columns(numbers: [], records: bits)
        }
        let x = [rows(0), rows(2)]
        let masks = [rows(4), rows(6), rows(8), rows(10)]
        var wrong = 0
        var closed = [Tally(), Tally()]
        var open = [Tally(), Tally()]
        for choice in 0..<4 {
            let order = [choice & 1, choice >> 1].map { $0 == 1 ? [1, 0] : [UInt32(0), 1] }
            var sources: [[RowTranslation<AdditiveShares<ToyPrime>, XORShares>]] = [[], []]
            var differences: [XORShares] = []
            for owner in [0, 1] {
                let (before, after) = (rows(4 + 4 * owner), rows(6 + 4 * owner))
                differences.append(before.gatheringRows(order[owner]) ^ after)
                let permutation = try #require(Permutation(checking: order[owner]))
                sources[owner].append(
                    .permutes(permutation, difference: records(differences[owner])))
                sources[1 - owner].append(
                    .masks(before: records(before), after: records(after)))
            }
            let given = sources
            let opened = try Self.run(ToyPrime(3)) { session in
                let me = session.party.index
                var engine = SemiHonestAdditive(
                    ToyPrime(3), session: session, source: ScriptedSource(translations: given[me]))
                let shuffled = try engine.shuffle(records(x[me])).records
                let result = try engine.open(bits: shuffled).masked
                return zip(result.row(0).bools, result.row(1).bools).map {
                    ($0 ? 1 : 0) + ($1 ? 2 : 0)
                }
            }
            for lane in 0..<n {
                func bits(_ shares: XORShares) -> [Int] {
                    [0, 1].map { shares.share[row: $0, lane: lane] ? 1 : 0 }
                }
                let secret = zip(bits(x[0]), bits(x[1])).map { $0 ^ $1 }
                let swapped = order[0] != order[1]
                let expected = swapped ? [secret[1], secret[0]] : secret
                wrong += opened.result[lane] == expected[0] + 2 * expected[1] ? 0 : 1
                for me in [0, 1] {
                    let own =
                        bits(x[me]) + [Int(order[me][0])] + bits(differences[me])
                        + bits(masks[2 - 2 * me]) + bits(masks[3 - 2 * me])
                    let frames = opened.received[me].map { [$0[lane], $0[n + lane]] }
                    #expect(frames.count == 2)
                    closed[me].add(known: [], secret: secret, view: own + frames[0])
                    open[me].add(
                        known: secret.sorted(), secret: secret, view: own + frames[0] + frames[1])
                }
            }
        }
        #expect(wrong == 0)
        for me in [0, 1] {
            #expect(closed[me].isIndependentOfSecrets && closed[me].secretsCompared == 4)
            #expect(open[me].isIndependentOfSecrets && open[me].secretsCompared == 2)
        }
    }
}
