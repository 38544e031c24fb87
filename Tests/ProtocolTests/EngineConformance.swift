import Algebra
import DishonestMajority
import Gadgets
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport

/// What a party passes to an input: its own values, and on the plaintext engine everybody's.
struct Inputs: Sendable {
    let numbers: [[Int64]]  // by party
    let me: Party?

    func of<R: Ring>(_ party: Party, _ ring: R) -> Vector<R>? {
        me == nil || me == party ? Vector(ring, numbers[party.index]) : nil
    }
}

/// A program over any engine, with its public results as plain integers.
protocol ConformanceProgram: Sendable {
    func run<E: Engine & ~Copyable>(_ engine: inout E, _ inputs: Inputs) throws(MPCError)
        -> [String]
}

/// Every operation of an engine, with its results in a readable form.
struct AllOperations: ConformanceProgram {
    func run<E: Engine & ~Copyable>(_ engine: inout E, _ inputs: Inputs) throws(MPCError)
        -> [String]
    {
        let ring = engine.ring
        let n = inputs.numbers[0].count
        let x = try engine.input(inputs.of(Party(0), ring), count: n, from: Party(0))
        let y = try engine.input(inputs.of(Party(1), ring), count: n, from: Party(1))
        let threshold = Vector(ring, Array(repeating: Int64(7), count: n))
        var results: [String] = []

        let product = try engine.multiply(x, y)
        let square = try engine.square(x)
        let inner = try engine.innerProducts(x, y, length: max(n, 1))
        // (2 × k) · (k × 3) from the first elements, as many as there are.
        let k = n / 6
        let matrix = try engine.matrixProduct(
            x[0..<2 * k], y[0..<3 * k], rows: 2, inner: k, columns: 3)
        let linear = engine.adding(threshold, to: x - y + x.scaled(by: Vector(ring, [3])))
        for shares in [product, square, inner, linear, engine.constant(threshold)] {
            results.append(try Self.text(engine.output(shares, to: .all)))
        }
        let less = try engine.isLess(x, than: y)
        let atLeast = try engine.isAtLeast(x, threshold)
        let equal = try engine.isEqual(x, to: y)
        let both = try engine.and(less, engine.not(equal))
        let either = try engine.or(atLeast, equal)
        let bits = try engine.bits(of: x)
        for shares in [less, atLeast, equal, both, either, bits] {
            results.append(try Self.text(engine.output(bits: shares, to: .all)))
        }
        let chosen = try engine.select(less, x, otherwise: y)
        results.append(try Self.text(engine.output(chosen, to: .all)))
        results.append(
            try Self.text(
                engine.output(
                    bits: engine.select(less, bits, otherwise: engine.bits(of: y)), to: .all)))
        results.append(try Self.text(engine.reveal(product).value))
        results.append(try Self.text(engine.reveal(bits: less).value))
        results.append(try Self.text(engine.output(engine.fromBits(bits), to: .all)))
        let keys = (x: bits, y: try engine.bits(of: y))
        results.append(try Self.text(engine.output(bits: engine.isLess(x, than: y), to: .all)))
        results.append(
            try Self.text(engine.output(bits: engine.isLess(keys.x, than: keys.y), to: .all)))
        results.append(
            try Self.text(engine.output(bits: engine.isEqual(keys.x, to: keys.y), to: .all)))
        for cut in [1, 4, ring.bitWidth > 40 ? 16 : 7] {
            results.append(try Self.text(engine.output(engine.truncate(x, by: cut), to: .all)))
        }
        results.append(try Self.text(engine.output(matrix, to: .all)))
        for width in [1, 2, 3, 5, 9, 17] where width <= ring.bitWidth {
            let low = (
                x: try engine.bits(of: x, count: width), y: try engine.bits(of: y, count: width)
            )
            for bits in [
                low.x, try engine.isLess(low.x, than: low.y), try engine.isEqual(low.x, to: low.y),
            ] {
                results.append(try Self.text(engine.output(bits: bits, to: .all)))
            }
        }
        return results + (try rearrangements(&engine, inputs, x, y, bits))
    }

    /// Shuffled rows, sorted; and rows in the order of known permutations.
    private func rearrangements<E: Engine & ~Copyable>(
        _ engine: inout E, _ inputs: Inputs, _ x: E.Shares, _ y: E.Shares, _ bits: E.Bits
    ) throws(MPCError) -> [String] {
        let n = x.count
        let table = Columns(numbers: [x, y], records: bits.transposed())
        let numbersOnly = Columns(numbers: [y], records: bits[0..<0].transposed())
        let recordsOnly = Columns<E.Shares, E.Bits>(numbers: [], records: bits.transposed())
        var results: [String] = []
        for columns in [table, numbersOnly, recordsOnly] {
            let rows = try Self.rows(of: engine.shuffle(columns), &engine)
            results.append(rows.sorted().joined(separator: ";"))
        }
        var generator = SeededGenerator(seed: UInt64(n))
        let permutation = Permutation.random(n, using: &generator)
        for owner in [Party(0), Party(1)] {
            let mine = inputs.me == nil || inputs.me == owner ? permutation : nil
            for columns in [table, numbersOnly, recordsOnly] {
                let moved = try engine.permute(columns, by: mine, knownTo: owner)
                results.append(try Self.rows(of: moved, &engine).joined(separator: ";"))
            }
        }
        let owners = (Party(1), Party(0))
        let isMine = inputs.me == nil || inputs.me == owners.0 || inputs.me == owners.1
        let moved = try engine.permute(table, by: isMine ? permutation : nil, knownTo: owners)
        return results + [try Self.rows(of: moved, &engine).joined(separator: ";")]
    }

    /// Each row with all that it holds.
    static func rows<E: Engine & ~Copyable>(
        of columns: Columns<E.Shares, E.Bits>, _ engine: inout E
    ) throws(MPCError) -> [String] {
        var rows = Array(repeating: "", count: columns.count)
        for column in columns.numbers {
            let integers = try engine.output(column, to: .all)?.integers ?? []
            for (i, integer) in integers.enumerated() { rows[i] += "\(integer) " }
        }
        if columns.records.count > 0, let bits = try engine.output(bits: columns.records, to: .all)
        {
            for i in rows.indices { rows[i] += text(bits[i..<i + 1]) }
        }
        return rows
    }

    static func text<R: Ring>(_ vector: Vector<R>?) -> String {
        vector.map { $0.integers.map(\.description).joined(separator: " ") } ?? "none"
    }

    static func text(_ bits: BitMatrix?) -> String {
        guard let bits else { return "none" }
        return "\(bits.rows)x\(bits.count):"
            + bits.words.map { String($0, radix: 16) }.joined(separator: ",")
    }
}

/// Runs a program on the additive engine with a dealer, and on the plaintext engine.
func conformance<R: Ring>(
    _ ring: R, parties: Int, numbers: [[Int64]], program: some ConformanceProgram = AllOperations()
) throws -> (engine: [[String]], plain: [String]) {
    let mesh = InMemoryTransport.mesh(partyCount: parties, dealer: true, deadline: .seconds(20))
    let results = runParties(
        mesh, dealer: { try TrustedDealer(ring, session: $0).serve() }
    ) { session -> [String] in
        try withAdditiveEngine(ring, session) { (engine) throws(MPCError) in
            try program.run(&engine, Inputs(numbers: numbers, me: session.party))
        }
    }
    var plain = PlainEngine(ring)
    return (
        try results.compactMap { try $0.get() },
        try program.run(&plain, Inputs(numbers: numbers, me: nil))
    )
}

typealias DealtAdditive<R: Ring> = SemiHonestAdditive<R, PreparedRandomness<DealtRandomness<R>>>

/// Runs `body` with an engine whose dealer is told when it is done.
func withAdditiveEngine<R: Ring, T>(
    _ ring: R, _ session: Session,
    _ body: (inout DealtAdditive<R>) throws(MPCError) -> T
) throws -> T {
    var engine = DealtAdditive(
        ring, session: session, source: PreparedRandomness(DealtRandomness(ring, session: session)))
    let result = try body(&engine)
    try engine.finish()
    return result
}
