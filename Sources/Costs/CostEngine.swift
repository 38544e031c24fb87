public import Algebra
import Circuits
public import MPC
import Preprocessing
public import Primitives

/// Which engine's costs are planned.
public enum PlannedEngine: Hashable, Sendable, Codable {
    case replicated3
    /// 2 to 10 parties; correlated randomness from a dealer.
    case additiveDealer(parties: Int)
    /// 2 to 10 parties; correlated randomness by oblivious transfers.
    case additiveOT(parties: Int)

    public var parties: Int {
        switch self {
        case .replicated3: 3
        case .additiveDealer(let parties), .additiveOT(let parties): parties
        }
    }

    var hasDealer: Bool {
        if case .additiveDealer = self { true } else { false }
    }
}

/// When correlated randomness is made.
public enum Preparation: String, Hashable, Sendable, Codable {
    /// All of it before the program runs.
    case ahead
    /// Where it is taken, for each operation alone.
    case onTheSpot
}

/// Runs programs on shapes, without values or parties, and adds up what an engine would spend.
///
/// A program that runs on any ``Engine`` is planned by running it on this one: its inputs and outputs
/// are nil. Costs are those of the protocols, operation by operation, with whole frames; where
/// revealed bits steer a protocol, in sorts, they are what is to be expected. Time and memory of a
/// plan do not grow with the number of rows, but for public constants of that length.
public struct CostEngine<R: Ring>: ~Copyable {
    public let ring: R
    public let engine: PlannedEngine
    public let preparation: Preparation
    /// Whether all parties sign releases.
    let signs: Bool
    let tally: CostTally
    /// Whether oblivious transfers have been set up.
    var hasTransfers = false

    /// - Parameters:
    ///   - clients: how many parties come after those that compute.
    ///   - signs: whether releases are signed, as in runs with a ledger.
    public init(
        _ ring: R, for engine: PlannedEngine, clients: Int = 0, preparation: Preparation = .ahead,
        signs: Bool = true
    ) {
        precondition((2...10).contains(engine.parties), "2 to 10 parties")
        (self.ring, self.engine, self.preparation) = (ring, engine, preparation)
        self.signs = signs
        tally = CostTally(
            parties: engine.parties, clients: clients, hasDealer: engine.hasDealer)
    }

    /// Tells what has been spent so far, while the engine is in use.
    package var meter: () -> PlannedCost {
        { [tally] in
            tally.settle()
            return tally.total
        }
    }

    /// Components of a sharing at each party.
    private var copies: Int { engine == .replicated3 ? 2 : 1 }

    func numbers(_ count: Int) -> NumberShape<R> {
        NumberShape(count, size: 8 * ring.limbsPerElement * copies, in: tally.memory)
    }

    func bits(_ rows: Int, _ count: Int) -> BitsShape {
        BitsShape(rows: rows, count: count, copies: copies, in: tally.memory)
    }

    /// Bytes of n elements on the wire.
    func byteCount(_ elements: Int) -> Int { 8 * ring.limbsPerElement * elements }

    func byteCount(rows: Int, lanes: Int) -> Int { BitsShape.byteCount(rows: rows, count: lanes) }

    /// Bytes of the columns of some rows on the wire, in the order in which they are sent.
    func byteCounts(_ columns: Columns<NumberShape<R>, BitsShape>) -> (numbers: [Int], records: Int)
    {
        (
            columns.numbers.map { byteCount($0.count) },
            byteCount(rows: columns.records.rows, lanes: columns.records.count)
        )
    }

    /// All columns as an engine returns them: in memory of their own.
    func moved(_ columns: Columns<NumberShape<R>, BitsShape>) -> Columns<NumberShape<R>, BitsShape>
    {
        Columns(
            numbers: columns.numbers.map { numbers($0.count) },
            records: bits(columns.records.rows, columns.records.count))
    }
}

// MARK: - 𝓕_ABB

extension CostEngine: ArithmeticProtocol {
    public typealias Shares = NumberShape<R>

    public mutating func input(_ values: Vector<R>?, count: Int, from owner: Party) -> Shares {
        inputBytes(byteCount(count), owner)
        return numbers(count)
    }

    public func constant(_ c: Vector<R>) -> Shares { numbers(c.count) }

    public func constant(_ c: @autoclosure () -> Vector<R>, count: Int) -> Shares { numbers(count) }

    public func adding(_ c: @autoclosure () -> Vector<R>, to x: Shares) -> Shares {
        numbers(x.count)
    }

    public mutating func multiply(_ x: Shares, _ y: Shares) -> Shares {
        precondition(x.count == y.count, "factors of different lengths")
        tally.engine(.multiply, x.count) {
            engine == .replicated3
                ? reshare(byteCount(x.count)) : multiplyByTriples(x.count)
        }
        return numbers(x.count)
    }

    public mutating func square(_ x: Shares) -> Shares {
        guard engine != .replicated3 else { return multiply(x, x) }
        tally.engine(.square, x.count) {
            take(.squares, x.count)
            open([byteCount(x.count)])
        }
        return numbers(x.count)
    }

    public mutating func innerProducts(_ x: Shares, _ y: Shares, length: Int) -> Shares {
        guard engine == .replicated3 else { return multiply(x, y).sums(ofEvery: length) }
        tally.engine(.innerProducts, x.count) { reshare(byteCount(x.count / length)) }
        return numbers(x.count / length)
    }

    public mutating func matrixProduct(
        _ x: Shares, _ y: Shares, rows: Int, inner: Int, columns: Int
    ) -> Shares {
        let products = rows * inner * columns
        tally.engine(.matrixProduct, products) {
            switch engine {
            case .replicated3: reshare(byteCount(rows * columns))
            case .additiveOT where products > 0:
                take(
                    .matrixTriples(MatrixShape(rows: rows, inner: inner, columns: columns)), 1)
                open([byteCount(rows * inner), byteCount(inner * columns)])
            default: if products > 0 { multiplyByTriples(products) }
            }
        }
        return numbers(rows * columns)
    }

    /// The opened values are zero.
    public mutating func open(_ x: [Shares]) -> [Opened<Vector<R>>] {
        let sizes = x.map { byteCount($0.count) }
        if engine != .replicated3 {
            open(sizes)
        } else if !x.isEmpty {
            openReplicated(sizes.reduce(0, +))
        }
        return x.map { Opened(masked: Vector(ring, zeros: $0.count)) }
    }

    /// The revealed values are zero.
    public mutating func reveal(_ x: Shares) -> Revealed<Vector<R>> {
        revealBytes(byteCount(x.count))
        return Revealed(Vector(ring, zeros: x.count))
    }

    public mutating func output(_ x: Shares, to recipients: Recipients) -> Vector<R>? {
        release([(byteCount(x.count), recipients)])
        return nil
    }
}

// MARK: - Boolean circuits

extension CostEngine: BooleanProtocol {
    public typealias Bits = BitsShape

    public mutating func input(bits: BitMatrix?, rows: Int, count: Int, from owner: Party) -> Bits {
        inputBytes(byteCount(rows: rows, lanes: count), owner)
        return self.bits(rows, count)
    }

    public func constant(bits: BitMatrix) -> Bits { self.bits(bits.rows, bits.count) }
    public func constant(bits: @autoclosure () -> BitMatrix, rows: Int, count: Int) -> Bits {
        self.bits(rows, count)
    }
    public func xoring(_ c: BitMatrix, into x: Bits) -> Bits { bits(x.rows, x.count) }
    public func not(_ x: Bits) -> Bits { bits(x.rows, x.count) }

    public mutating func and(_ layer: AndLayer<Bits>) -> (plain: Bits, fork: (Bits, Bits)?) {
        let (rows, lanes) = (layer.x.rows, layer.x.count)
        let forks = layer.fork?.x.rows ?? 0
        gates(rows, forks: forks, lanes, results: rows + 2 * forks)
        return (
            bits(rows, lanes), layer.fork == nil ? nil : (bits(forks, lanes), bits(forks, lanes))
        )
    }

    public mutating func and(_ gates: [(Bits, Bits)], into rows: [Int]) -> Bits {
        let results = (rows.max() ?? -1) + 1
        let lanes = gates.first?.0.count ?? 0
        self.gates(gates.reduce(0) { $0 + $1.0.rows }, forks: 0, lanes, results: results)
        return bits(results, lanes)
    }

    /// A layer of gates whose results are so many rows.
    private mutating func gates(_ rows: Int, forks: Int, _ lanes: Int, results: Int) {
        let words = (lanes + 63) / 64
        tally.engine(.and, (rows + 2 * forks) * words) {
            guard engine != .replicated3 else {
                return reshare(byteCount(rows: results, lanes: lanes))
            }
            take(.bitTriples, rows * 64 * words)
            take(.forkedBitTriples, forks * 64 * words)
            open([byteCount(rows: 2 * rows + 3 * forks, lanes: lanes)])
        }
    }

    /// The opened bits are zero.
    public mutating func open(bits: Bits) -> Opened<BitMatrix> {
        let bytes = byteCount(rows: bits.rows, lanes: bits.count)
        if engine == .replicated3 { openReplicated(bytes) } else { open([bytes]) }
        return Opened(masked: BitMatrix(rows: bits.rows, count: bits.count))
    }

    /// The revealed bits are zero.
    public mutating func reveal(bits: Bits) -> Revealed<BitMatrix> {
        revealBytes(byteCount(rows: bits.rows, lanes: bits.count))
        return Revealed(BitMatrix(rows: bits.rows, count: bits.count))
    }

    public mutating func output(bits: Bits, to recipients: Recipients) -> BitMatrix? {
        outputs(bits: [(bits, recipients)])[0]
    }

    public mutating func outputs(_ parts: [ReleasedPart<Shares, Bits>]) -> [(
        numbers: Vector<R>, bits: BitMatrix
    )?] {
        release(
            parts.map {
                let bytes = byteCount(rows: $0.bits.rows, lanes: $0.bits.count)
                return (byteCount($0.numbers.count) + bytes, $0.recipients)
            })
        return parts.map { _ in nil }
    }

    public mutating func outputs(bits parts: [(bits: Bits, to: Recipients)]) -> [BitMatrix?] {
        release(parts.map { (byteCount(rows: $0.bits.rows, lanes: $0.bits.count), $0.to) })
        return parts.map { _ in nil }
    }

    func revealBytes(_ bytes: Int) {
        tally.engine(.reveal, bytes) {
            guard engine != .replicated3 else { return openReplicated(bytes) }
            _ = tally.nextOperation()  // re-randomised
            open([bytes])
        }
    }
}
