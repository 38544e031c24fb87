public import Algebra
public import MPC
package import SecretSharing

/// (xᵢ, xᵢ₊₁) of ⟦x⟧ = (x₀, x₁, x₂) with x = x₀ + x₁ + x₂, indices modulo 3.
///
/// Pᵢ lacks xᵢ₊₂, without which the rest is uniform and independent of x.
package struct Replicated<V: AbelianVector>: Sendable {
    package var first, second: V
    package init(_ first: V, _ second: V) { (self.first, self.second) = (first, second) }

    func map<W: AbelianVector>(_ body: (V) -> W) -> Replicated<W> {
        Replicated<W>(body(first), body(second))
    }

    static func zipping(_ x: Self, _ y: Self, _ body: (V, V) -> V) -> Self {
        Self(body(x.first, y.first), body(x.second, y.second))
    }
}

/// This party's two shares of each of n ring elements.
public struct ReplicatedShares<R: Ring>: ShareVector {
    package var shares: Replicated<Vector<R>>
    package init(_ shares: Replicated<Vector<R>>) { self.shares = shares }

    public var count: Int { shares.first.count }
    public static func + (x: Self, y: Self) -> Self { Self(.zipping(x.shares, y.shares, +)) }
    public static func - (x: Self, y: Self) -> Self { Self(.zipping(x.shares, y.shares, -)) }
    public static func * (c: Vector<R>, x: Self) -> Self { Self(x.shares.map { c * $0 }) }
    public func scaled(by c: Vector<R>) -> Self { Self(shares.map { $0.scaled(by: c) }) }
    public mutating func accumulate(_ c: Vector<R>, times x: Self) {
        shares.first.accumulateProduct(c, x.shares.first)
        shares.second.accumulateProduct(c, x.shares.second)
    }
    public func sums(ofEvery length: Int) -> Self { Self(shares.map { $0.sums(ofEvery: length) }) }
    public subscript(range: Range<Int>) -> Self { Self(shares.map { $0[range] }) }
    public func gathering(_ indices: [UInt32]) -> Self {
        Self(shares.map { $0.gathering(indices) })
    }
    public func prefixSums() -> Self { Self(shares.map { $0.prefixSums() }) }
    public static func concatenating(_ parts: [Self]) -> Self {
        Self(
            Replicated(
                .concatenating(parts.map(\.shares.first)),
                .concatenating(parts.map(\.shares.second))))
    }
}

/// This party's two shares of bits under ⊕, bit-sliced.
public struct ReplicatedBits: BitShares {
    package var shares: Replicated<BitMatrix>
    package init(_ shares: Replicated<BitMatrix>) { self.shares = shares }

    public var rows: Int { shares.first.rows }
    public var count: Int { shares.first.count }
    public static func ^ (x: Self, y: Self) -> Self { Self(.zipping(x.shares, y.shares, ^)) }
    public static func & (c: BitMatrix, x: Self) -> Self { Self(x.shares.map { c & $0 }) }
    public subscript(rows: Range<Int>) -> Self { Self(shares.map { $0[rows] }) }
    public func xorRows(inGroups sizes: [Int]) -> Self {
        Self(shares.map { $0.xorRows(inGroups: sizes) })
    }
    public func xoringRows(into targets: [Int]) -> Self {
        Self(shares.map { $0.xoringRows(into: targets) })
    }
    public func lanes(_ range: Range<Int>) -> Self { Self(shares.map { $0.lanes(range) }) }
    public func gatheringRows(_ indices: [UInt32]) -> Self {
        Self(shares.map { $0.gatheringRows(indices) })
    }
    public func prefixXORs() -> Self { Self(shares.map { $0.prefixXORs() }) }
    public func shiftedLanes(by distance: Int) -> Self {
        Self(shares.map { $0.shiftedLanes(by: distance) })
    }
    public func transposed() -> Self { Self(shares.map { $0.transposed() }) }
    public static func concatenating(rows parts: [Self]) -> Self {
        Self(
            Replicated(
                .concatenating(rows: parts.map(\.shares.first)),
                .concatenating(rows: parts.map(\.shares.second))))
    }
    public static func concatenating(lanes parts: [Self]) -> Self {
        Self(
            Replicated(
                .concatenating(lanes: parts.map(\.shares.first)),
                .concatenating(lanes: parts.map(\.shares.second))))
    }
}

/// Shares in a log or a failing test show their shape, never their value.
extension ReplicatedShares: CustomStringConvertible, CustomReflectable {
    public var description: String { "ReplicatedShares<\(R.self)>(count: \(count))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension ReplicatedBits: CustomStringConvertible, CustomReflectable {
    public var description: String { "ReplicatedBits(rows: \(rows), count: \(count))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
