public import Algebra
public import MPC

/// xᵢ of ⟦x⟧ = (x₀, …, xₙ₋₁) with x = Σ xᵢ: any n − 1 of them are uniform and independent of x.
public struct AdditiveShares<R: Ring>: ShareVector {
    package var share: Vector<R>
    package init(_ share: Vector<R>) { self.share = share }

    public var count: Int { share.count }
    public static func + (x: Self, y: Self) -> Self { Self(x.share + y.share) }
    public static func - (x: Self, y: Self) -> Self { Self(x.share - y.share) }
    public static func * (c: Vector<R>, x: Self) -> Self { Self(c * x.share) }
    public func scaled(by c: Vector<R>) -> Self { Self(share.scaled(by: c)) }
    public mutating func accumulate(_ c: Vector<R>, times x: Self) {
        share.accumulateProduct(c, x.share)
    }
    public func sums(ofEvery length: Int) -> Self { Self(share.sums(ofEvery: length)) }
    public subscript(range: Range<Int>) -> Self { Self(share[range]) }
    public func gathering(_ indices: [UInt32]) -> Self { Self(share.gathering(indices)) }
    public func prefixSums() -> Self { Self(share.prefixSums()) }
    public static func concatenating(_ parts: [Self]) -> Self {
        Self(.concatenating(parts.map(\.share)))
    }
}

/// bᵢ of a bit b = ⊕ bᵢ, bit-sliced.
public struct XORShares: BitShares {
    package var share: BitMatrix
    package init(_ share: BitMatrix) { self.share = share }

    public var rows: Int { share.rows }
    public var count: Int { share.count }
    public static func ^ (x: Self, y: Self) -> Self { Self(x.share ^ y.share) }
    public static func & (c: BitMatrix, x: Self) -> Self { Self(c & x.share) }
    public subscript(rows: Range<Int>) -> Self { Self(share[rows]) }
    public func xorRows(inGroups sizes: [Int]) -> Self { Self(share.xorRows(inGroups: sizes)) }
    public func xoringRows(into targets: [Int]) -> Self {
        Self(share.xoringRows(into: targets))
    }
    public func lanes(_ range: Range<Int>) -> Self { Self(share.lanes(range)) }
    public func gatheringRows(_ indices: [UInt32]) -> Self { Self(share.gatheringRows(indices)) }
    public func prefixXORs() -> Self { Self(share.prefixXORs()) }
    public func shiftedLanes(by distance: Int) -> Self {
        Self(share.shiftedLanes(by: distance))
    }
    public func transposed() -> Self { Self(share.transposed()) }
    public static func concatenating(rows parts: [Self]) -> Self {
        Self(.concatenating(rows: parts.map(\.share)))
    }
    public static func concatenating(lanes parts: [Self]) -> Self {
        Self(.concatenating(lanes: parts.map(\.share)))
    }
}

/// A share in a log or a failing test shows its shape, never its value.
extension AdditiveShares: CustomStringConvertible, CustomReflectable {
    public var description: String { "AdditiveShares<\(R.self)>(count: \(count))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension XORShares: CustomStringConvertible, CustomReflectable {
    public var description: String { "XORShares(rows: \(rows), count: \(count))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
