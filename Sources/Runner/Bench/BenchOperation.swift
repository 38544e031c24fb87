import Algebra
import Gadgets
import MPC
import Primitives

/// What a benchmark computes on n elements, by the name that people choose it with.
public enum BenchOperation: String, Sendable, CaseIterable, Codable, CustomStringConvertible {
    case multiply, square, matrix, and, compare, equal, truncate, shuffle, sort, logistic

    public var description: String { rawValue }

    /// What is counted as one of n, in a line.
    public var unit: String {
        switch self {
        case .multiply: "a product of two numbers"
        case .square: "a square"
        case .matrix: "a row of 30 numbers times a vector"
        case .and: "64 AND gates"
        case .compare: "a comparison over the whole declared range"
        case .equal: "a test of a number for zero"
        case .truncate: "a truncation by 16 bits, exact"
        case .shuffle: "a row of a number and 64 bits"
        case .sort: "a row with a key of 32 bits"
        case .logistic: "an inference on 30 features, sigmoid within 0.001"
        }
    }

    static let features = 30
}

/// One operation on invented numbers; party 0 and party 1 put them in.
struct BenchProgram: EngineProgram {
    let operation: BenchOperation
    let count: Int
    let me: Party
    let parties: Int
    /// Told when the online phase begins, operands being there, and when it ends.
    let mark: @Sendable () -> Void

    func budget(over ring: some Ring, comparing: ComparisonMethod) -> Budget {
        switch operation {
        case .multiply: return .multiplications(count)
        case .square: return .squares(count)
        case .matrix, .logistic:
            return .matrixProducts(rows: count, inner: BenchOperation.features, columns: 1)
        case .and: return .ands(1, count: 64 * count)
        case .compare: return .comparisons(count, over: ring, by: comparing)
        case .truncate:
            return .truncations(count, by: 16, over: ring, blockBits: comparing.blockBits)
        case .shuffle:
            return .shuffle(rows: count, numbers: 1, recordBits: 64, parties: parties)
        // Made on the way.
        case .equal, .sort: return Budget()
        }
    }

    func run<E: Engine & ~Copyable>(_ engine: inout E) throws(MPCError) {
        let rows = operation == .matrix || operation == .logistic ? BenchOperation.features : 1
        let x = try numbers(rows * count, from: Party(0), &engine)
        let y = try numbers(rows > 1 ? rows : count, from: Party(1), &engine)
        let bits = try engine.input(
            bits: me == Party(0) ? invented(rows: count, bits: 64) : nil, rows: count, count: 64,
            from: Party(0))
        mark()
        switch operation {
        case .multiply: _ = try engine.multiply(x, y)
        case .square: _ = try engine.square(x)
        case .matrix: _ = try engine.matrixProduct(x, y, rows: count, inner: rows, columns: 1)
        case .and: _ = try engine.and(bits, bits)
        case .compare: _ = try engine.isLess(x, than: y)
        case .equal: _ = try engine.isZero(x - y)
        case .truncate: _ = try engine.truncate(x, by: 16)
        case .shuffle: _ = try engine.shuffle(Columns(numbers: [x], records: bits))
        case .sort:
            _ = try engine.sort(
                Columns(numbers: [], records: bits), by: 0..<32, batch: 1 << 17)
        case .logistic:
            let logits = try engine.matrixProduct(x, y, rows: count, inner: rows, columns: 1)
            _ = try engine.sigmoid(logits, fractionBits: 32)
        }
        mark()
    }

    /// Numbers with 16 fraction bits between −1 and 1.
    private func numbers<E: Engine & ~Copyable>(
        _ count: Int, from owner: Party, _ engine: inout E
    ) throws(MPCError) -> E.Shares {
        let values = (0..<Int64(count)).map { ($0 &* 7_919 &+ 31) % 131_072 - 65_536 }
        return try engine.input(
            me == owner ? Vector(engine.ring, values) : nil, count: count, from: owner)
    }

    private func invented(rows: Int, bits: Int) -> BitMatrix {
        let words = (0..<UInt64(rows)).map { ($0 &* 0x9E37_79B9_7F4A_7C15) >> 7 }
        return BitMatrix(integers: words, limbsPerInteger: 1, bits: bits).transposed()
    }
}
