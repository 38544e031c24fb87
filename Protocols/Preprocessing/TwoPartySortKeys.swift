package import Algebra
import Circuits
public import MPC
import Primitives
public import SecretSharing

/// The keys of a sort on additive shares.
///
/// Two parties with oblivious transfers turn each key once into a number in additive shares, whose
/// comparisons take less than half of what a comparison of bits takes; else keys stay bits.
public enum AdditiveSortKeys: SortKeys {
    case records(RecordKeys<XORShares>)
    case numbers(SharedNumbers)

    public func gatheringRows(_ indices: [UInt32]) -> Self {
        switch self {
        case .records(let keys): .records(keys.gatheringRows(indices))
        case .numbers(let keys): .numbers(keys.gathering(indices))
        }
    }
}

/// Additive shares modulo 2ᵐ⁺¹ of unsigned integers of m ≤ 127 bits.
public struct SharedNumbers: Sendable {
    /// m.
    package let bits: Int
    /// Bits from m + 1 on count for nothing.
    package var words: Words

    package enum Words: Sendable {
        case one(Vector<Z64>)
        case two(Vector<Z128>)
    }

    /// - Parameter share: m + 1 rows.
    init(share: BitMatrix) {
        bits = share.rows - 1
        words =
            share.rows <= 64
            ? .one(Vector(Z64(), plain: share.integers(limbsPerInteger: 1)))
            : .two(Vector(Z128(), plain: share.integers(limbsPerInteger: 2)))
    }

    private init(bits: Int, words: Words) { (self.bits, self.words) = (bits, words) }

    func gathering(_ indices: [UInt32]) -> Self {
        switch words {
        case .one(let x): Self(bits: bits, words: .one(x.gathering(indices)))
        case .two(let x): Self(bits: bits, words: .two(x.gathering(indices)))
        }
    }

    /// This party's share of x − y, m + 1 rows.
    static func difference(_ x: Self, _ y: Self) -> BitMatrix {
        switch (x.words, y.words) {
        case (.one(let a), .one(let b)):
            BitMatrix(integers: (a - b).decoded(), limbsPerInteger: 1, bits: x.bits + 1)
        case (.two(let a), .two(let b)):
            BitMatrix(integers: (a - b).decoded(), limbsPerInteger: 2, bits: x.bits + 1)
        default: preconditionFailure("keys of different widths")
        }
    }
}

extension SharedNumbers: CustomStringConvertible, CustomReflectable {
    public var description: String { "SharedNumbers(bits: \(bits))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension LeafOTConsuming where Self: ~Copyable {
    /// The keys as numbers in additive shares, if they have at most 127 bits.
    ///
    /// 1. Party 0 draws r, uniform modulo 2ᵐ⁺¹: its share.
    /// 2. x − r is computed on bits: m rounds, an AND gate a bit.
    /// 3. Party 1 learns it, which tells it nothing, and has its share: (m + 1) bits a key.
    package mutating func numbers(ofKeys keys: RecordKeys<XORShares>) throws(MPCError)
        -> AdditiveSortKeys
    {
        guard (1...127).contains(keys.bits.count), keys.records.rows > 0 else {
            return .records(keys)
        }
        let x = keys.records.transposed().gatheringRows(keys.bits)
        let shape = BitShape(rows: x.rows + 1, count: x.count)
        var r = BitMatrix.zero(shape)
        if session.isFirst {
            var generator = CounterGenerator(
                key: session.randomness.secret(CounterGenerator.keyByteCount))
            r = .random(shape, using: &generator)
        }
        let masked = try difference(x, XORShares(r)).share
        let operation = session.nextOperation()
        session.countRound()
        if session.isFirst {
            try session.sendAll([masked], to: .party(Party(1)), .openShare, operation)
            try session.flush()
            return .numbers(SharedNumbers(share: r))
        }
        let received: [BitMatrix] = try session.receiveAll(
            [shape], from: .party(Party(0)), .openShare, operation)
        return .numbers(SharedNumbers(share: masked ^ received[0]))
    }

    /// [x < y]: the sign of the difference modulo 2ᵐ⁺¹.
    package mutating func isLess(_ x: SharedNumbers, than y: SharedNumbers) throws(MPCError)
        -> XORShares
    {
        let share = SharedNumbers.difference(x, y)
        let low = share[0..<x.bits]
        let carry = try isGreater(own: session.isFirst ? low : ~low)
        return XORShares(share.row(x.bits)) ^ carry
    }
}
