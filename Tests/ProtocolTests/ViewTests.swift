import Algebra
import DishonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// Exact distributions of what a party sees, over toy fields.
///
/// All randomness is enumerated, one combination a lane of one vector, so that a single run of the
/// real engine covers it all. Each lane gives the view of a party: its own shares and every value
/// that it received. The multiset of views must be the same for all secrets that agree on what the
/// party may know.
@Suite struct ViewTests {
    /// Counts views by what may be known and by secret, and compares.
    struct Tally {
        private var views: [[Int]: [[Int]: [UInt128: Int]]] = [:]

        mutating func add(known: [Int], secret: [Int], view: [Int]) {
            // Every entry is below 32: toy fields and bits.
            let key = view.reduce(UInt128(1)) { $0 << 5 | UInt128($1) }
            views[known, default: [:]][secret, default: [:]][key, default: 0] += 1
        }

        /// Whether, for everything that may be known, all secrets give the same distribution.
        var isIndependentOfSecrets: Bool {
            views.values.allSatisfy { bySecret in
                let all = Array(bySecret.values)
                return all.allSatisfy { $0 == all[0] }
            }
        }

        var secretsCompared: Int { views.values.map(\.count).max() ?? 0 }
    }

    /// Every combination of digits, digit k below bases[k]: column k of all combinations.
    static func enumerate(_ bases: [Int]) -> [[Int]] {
        let count = bases.reduce(1, *)
        var columns: [[Int]] = []
        var period = 1
        for base in bases {
            columns.append((0..<count).map { $0 / period % base })
            period *= base
        }
        return columns
    }

    @Test("Beaver multiplication shows nothing but the opened result", arguments: [3, 5])
    func multiplication(p: Int) throws {
        // P1's shares of the inputs are derived for p = 5, where fixing P0's suffices.
        let small = p == 3
        let free = small ? 9 : 7
        let columns = Self.enumerate(Array(repeating: p, count: free))
        let n = columns[0].count
        let fixed = Array(repeating: 2, count: n)
        let (x0, y0) = small ? (columns[7], columns[8]) : (fixed, fixed)
        let (x1, y1) = (columns[0], columns[1])
        let (a0, a1, b0, b1, c0) = (columns[2], columns[3], columns[4], columns[5], columns[6])
        let c1 = (0..<n).map { ((a0[$0] + a1[$0]) * (b0[$0] + b1[$0]) + p * p - c0[$0]) % p }
        let ring = ToyPrime(UInt64(p))
        func vector(_ values: [Int]) -> AdditiveShares<ToyPrime> {
            AdditiveShares(Vector(ring, values.map(Int64.init)))
        }
        let sources = [(a0, b0, c0), (a1, b1, c1)].map {
            Triples(a: vector($0.0), b: vector($0.1), c: vector($0.2))
        }
        let shares = [(vector(x0), vector(y0)), (vector(x1), vector(y1))]
        let opened = try Self.run(ring) { session in
            let me = session.party.index
            let source = ScriptedSource(triples: [sources[me]])
            var engine = SemiHonestAdditive(ring, session: session, source: source)
            let z = try engine.multiply(shares[me].0, shares[me].1)
            return try engine.open([z])[0].masked.integers.map { Int($0.description) ?? -1 }
        }
        var wrong = 0
        var closed = [Tally(), Tally()]
        var open = [Tally(), Tally()]
        for lane in 0..<n {
            let x = (x0[lane] + x1[lane]) % p
            let y = (y0[lane] + y1[lane]) % p
            wrong += opened.result[lane] == x * y % p ? 0 : 1
            let own = [
                [x0[lane], y0[lane], a0[lane], b0[lane], c0[lane]],
                [x1[lane], y1[lane], a1[lane], b1[lane], c1[lane]],
            ]
            for party in small ? [0, 1] : [0] {
                let received = opened.received[party]
                let openings = [received[0][lane], received[0][n + lane]]
                closed[party].add(known: [], secret: [x, y], view: own[party] + openings)
                open[party].add(
                    known: [x * y % p], secret: [x, y],
                    view: own[party] + openings + [received[1][lane]])
            }
        }
        #expect(wrong == 0)
        for party in small ? [0, 1] : [0] {
            #expect(closed[party].isIndependentOfSecrets)
            #expect(open[party].isIndependentOfSecrets)
            #expect(closed[party].secretsCompared == p * p)
        }
    }

    /// - Parameter fixed: P0's share of x where enumerating it too would be too much.
    @Test("Comparison shows nothing but the opened sign", arguments: [(3, nil), (5, 2)])
    func comparison(p: Int, fixed: Int?) throws {
        let ring = ToyPrime(UInt64(p))
        let shape = MonomialShape(bitWidth: ring.bitWidth, separateTopBit: false, blockBits: 1)
        let k = ring.bitWidth
        let gates = k - 1
        // x₁, r₀, r₁, P0's bits of r, a bit triple (a₀, a₁, b₀, b₁, c₀) a gate, then x₀.
        let columns = Self.enumerate(
            [p, p, p] + Array(repeating: 2, count: k + 5 * gates) + (fixed == nil ? [p] : []))
        let n = columns[0].count
        let (x1, r0, r1) = (columns[0], columns[1], columns[2])
        let x0 = fixed.map { Array(repeating: $0, count: n) } ?? columns[columns.count - 1]
        let bits0 = Array(columns[3..<3 + k])
        let bits1 = (0..<k).map { bit in
            (0..<n).map { lane -> Int in
                let r = (r0[lane] + r1[lane]) % p
                return bits0[bit][lane] ^ (r >> bit & 1)
            }
        }
        let triples = (0..<gates).map { Array(columns[3 + k + 5 * $0..<3 + k + 5 * $0 + 5]) }
        let c1 = triples.map { t in
            (0..<n).map { lane -> Int in
                let (a, b) = (t[0][lane] ^ t[1][lane], t[2][lane] ^ t[3][lane])
                return a & b ^ t[4][lane]
            }
        }
        func vector(_ values: [Int]) -> AdditiveShares<ToyPrime> {
            AdditiveShares(Vector(ring, values.map(Int64.init)))
        }
        func row(_ values: [Int]) -> XORShares { XORShares(BitMatrix(values.map { $0 == 1 })) }
        let masks = [(r0, bits0), (r1, bits1)].map { r, bits in
            EdaBits(
                r: vector(r), monomials: XORShares.concatenating(rows: bits.map(row)), shape: shape)
        }
        let bitTriples = [
            triples.map { BitTriples(a: row($0[0]), b: row($0[2]), c: row($0[4])) },
            zip(triples, c1).map { BitTriples(a: row($0[1]), b: row($0[3]), c: row($1)) },
        ]
        let shares = [vector(x0), vector(x1)]
        let opened = try Self.run(ring) { session in
            let me = session.party.index
            let source = ScriptedSource(edaBits: [masks[me]], bitTriples: bitTriples[me])
            var engine = SemiHonestAdditive(ring, session: session, source: source)
            let sign = try engine.isNegative(shares[me])
            return try engine.open(bits: sign).masked.bools.map { $0 ? 1 : 0 }
        }
        var wrong = 0
        var closed = [Tally(), Tally()]
        var open = [Tally(), Tally()]
        for lane in 0..<n {
            let x = (x0[lane] + x1[lane]) % p
            let negative = 2 * x > p ? 1 : 0
            wrong += opened.result[lane] == negative ? 0 : 1
            let own = [
                [x0[lane], r0[lane]] + bits0.map { $0[lane] }
                    + triples.flatMap { [$0[0][lane], $0[2][lane], $0[4][lane]] },
                [x1[lane], r1[lane]] + bits1.map { $0[lane] }
                    + zip(triples, c1).flatMap { [$0[1][lane], $0[3][lane], $1[lane]] },
            ]
            for party in fixed == nil ? [0, 1] : [0] {
                // The masked value, two bits a gate, and last the share of the sign.
                let received = opened.received[party].dropLast().flatMap { frame in
                    stride(from: lane, to: frame.count, by: n).map { frame[$0] }
                }
                closed[party].add(known: [], secret: [x], view: own[party] + received)
                let last = opened.received[party][opened.received[party].count - 1]
                open[party].add(
                    known: [negative], secret: [x], view: own[party] + received + [last[lane]])
            }
        }
        #expect(wrong == 0)
        for party in fixed == nil ? [0, 1] : [0] {
            #expect(closed[party].isIndependentOfSecrets)
            #expect(open[party].isIndependentOfSecrets)
            #expect(closed[party].secretsCompared == p)
        }
    }

    @Test("The tally itself tells a leak")
    func tallyFindsLeaks() {
        var tally = Tally()
        for (secret, view) in [(0, 0), (0, 1), (1, 1), (1, 1)] {
            tally.add(known: [], secret: [secret], view: [view])
        }
        #expect(!tally.isIndependentOfSecrets)
    }

    @Test("Sharing: what other parties get of an input is uniform, whatever it is")
    func sharing() throws {
        // The generators' own uniformity is tested in Algebra; here every party's share of three
        // inputs is the same pseudorandom vector, or the owner's remainder.
        let ring = ToyPrime(5)
        let n = 4000
        func shares(of value: Int64) throws -> [[BigInteger]] {
            try runParties(InMemoryTransport.mesh(partyCount: 3)) { session -> [BigInteger] in
                try session.inputShare(
                    session.isFirst ? Vector(ring, Array(repeating: value, count: n)) : nil,
                    shape: VectorShape(ring: ring, count: n), from: Party(0)
                ).integers
            }.compactMap { try $0.get() }
        }
        let all = try [Int64(0), 1, 4].map(shares)
        for one in all {
            #expect(one[1] == all[0][1] && one[2] == all[0][2])
            for share in one {
                let counts = (0..<5).map { value in share.count { $0 == BigInteger(value) } }
                // χ² with 4 degrees of freedom: above 33 with probability 10⁻⁶.
                let chiSquare = counts.reduce(0.0) {
                    $0 + Double(($1 - n / 5) * ($1 - n / 5)) / 800
                }
                #expect(chiSquare < 33)
            }
        }
        for (value, one) in zip([0, 1, 4], all) {
            #expect(
                (0..<n).allSatisfy { (one[0][$0] + one[1][$0] + one[2][$0]).isCongruent(value) })
        }
    }

    /// Runs a two-party program and returns its result with the openings that each party received,
    /// a value a lane.
    static func run(
        _ ring: ToyPrime, _ program: @escaping @Sendable (Session) throws -> [Int]
    ) throws -> (result: [Int], received: [[[Int]]]) {
        let recorders = InMemoryTransport.mesh(partyCount: 2).map { RecordingTransport($0) }
        let results = runParties(recorders, program)
        guard let result = try results[0].get() else { return ([], []) }
        let received = recorders.map { recorder in
            recorder.records.filter { $0.direction == .received }.dropFirst(2).map { record in
                Self.values(record.frame.dropFirst(FrameHeader.byteCount), lanes: result.count)
            }
        }
        return (result, received)
    }

    /// A payload is either ring elements, a word each, or rows of bits.
    static func values(_ payload: ArraySlice<UInt8>, lanes: Int) -> [Int] {
        if payload.count % (8 * lanes) == 0 {
            return stride(from: payload.startIndex, to: payload.endIndex, by: 8).map {
                Int(payload[$0])
            }
        }
        let rowBytes = (lanes + 63) / 64 * 8
        return stride(from: payload.startIndex, to: payload.endIndex, by: rowBytes).flatMap { row in
            (0..<lanes).map { lane -> Int in
                let byte = Int(payload[row + lane / 8])
                return byte >> (lane % 8) & 1
            }
        }
    }
}

extension BigInteger {
    fileprivate func isCongruent(_ value: Int) -> Bool {
        (self - BigInteger(value)).quotientAndRemainder(dividingBy: BigInteger(5)).remainder
            == BigInteger(0)
    }
}

/// Correlated randomness that a test has written down.
struct ScriptedSource: CorrelationSource, ~Copyable {
    typealias Shares = AdditiveShares<ToyPrime>
    typealias Bits = XORShares
    var triples: [Triples<Shares>] = []
    var edaBits: [EdaBits<Shares, Bits>] = []
    var bitTriples: [BitTriples<Bits>] = []
    var daBits: [DaBits<Shares, Bits>] = []
    var truncationMasks: [TruncationMasks<Shares, Bits>] = []
    var translations: [RowTranslation<Shares, Bits>] = []

    var comparing: ComparisonMethod { .masked(blockBits: 4) }
    mutating func takeBitProducts(_ count: Int) -> BitProducts<Shares, Bits>? { nil }
    mutating func takeLeafOTs(_ count: Int, sender: Party) -> LeafOTs? { nil }
    mutating func takeMatrixTriple(_ shape: MatrixShape) -> MatrixTriple<Shares>? { nil }
    mutating func prepare(_ budget: Budget) throws(MPCError) {}
    mutating func finish() throws(MPCError) {}
    mutating func takeTriples(_ count: Int) throws(MPCError) -> Triples<Shares> {
        triples.removeFirst()
    }
    mutating func takeSquares(_ count: Int) throws(MPCError) -> Squares<Shares> {
        preconditionFailure("not scripted")
    }
    mutating func takeDaBits(_ count: Int) throws(MPCError) -> DaBits<Shares, Bits> {
        daBits.removeFirst()
    }
    mutating func takeTruncationMasks(_ count: Int, by bits: Int) throws(MPCError)
        -> TruncationMasks<Shares, Bits>
    {
        truncationMasks.removeFirst()
    }
    mutating func takeTranslation(_ shape: TranslationShape) throws(MPCError)
        -> RowTranslation<Shares, Bits>
    {
        translations.removeFirst()
    }
    mutating func takeEdaBits(_ count: Int) throws(MPCError) -> EdaBits<Shares, Bits> {
        edaBits.removeFirst()
    }
    mutating func takeBitTriples(rows: Int, count: Int) throws(MPCError) -> BitTriples<Bits> {
        bitTriples.removeFirst()
    }
    mutating func takeForkedBitTriples(rows: Int, count: Int) throws(MPCError)
        -> ForkedBitTriples<Bits>
    {
        preconditionFailure("not scripted")
    }
}
