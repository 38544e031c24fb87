import Algebra
import MPC

/// x · 2ᵉ with the highest set bit of x moved to a known place.
struct Normalized<Shares: ShareVector> {
    /// x · 2ᵉ, in [2ᴸ⁻¹, 2ᴸ) for x > 0.
    ///
    /// In [2ᴸ⁻², 2ᴸ) where e is kept even. 0 for x = 0.
    let value: Shares
    /// 2ᵉ.
    let factor: Shares
    /// The bits of e, or of e / 2 where e is even, lowest first.
    let exponent: [Shares]
}

extension Engine where Self: ~Copyable {
    /// Normalises integers 0 ≤ x < 2ᴸ.
    ///
    /// Their L bits, ⌈log₂ L⌉ rounds of ANDs that find the highest one, a conversion of the
    /// ⌈log₂ L⌉ bits of e, as many factors of 2ᵉ less one multiplied in a tree, and one product.
    /// The position in one-hot form would take L conversions.
    ///
    /// - Parameter even: keeps e even, for square roots.
    mutating func normalized(_ x: Shares, bits length: Int, even: Bool = false) throws(MPCError)
        -> Normalized<Shares>
    {
        // 1. Row i: bit L − 1 − i is zero; then, by a prefix network: so are all above it.
        var zeros = not(try bits(of: x, count: length))
            .gatheringRows((0..<UInt32(length)).reversed())
        var span = 1
        while span < length {
            let high = (0..<length).filter { $0 / span % 2 == 1 }
            let low = high.map { UInt32($0 / span * span - 1) }
            let products = try and(
                zeros.gatheringRows(high.map { UInt32($0) }), zeros.gatheringRows(low))
            var places = (0..<UInt32(length)).map { $0 }
            for (k, i) in high.enumerated() { places[i] = UInt32(length + k) }
            zeros = Bits.concatenating(rows: [zeros, products]).gatheringRows(places)
            span *= 2
        }

        // 2. Row i: e = i, which holds in one row at most.
        let one = constant(bits: BitMatrix(rows: 1, count: x.count, repeating: true))
        let isExponent = zeros ^ .concatenating(rows: [one, zeros[0..<length - 1]])

        // 3. Bit t of e is the XOR of the rows i with that bit: local.
        let width = Int.bitWidth - (length - 1).leadingZeroBitCount
        let positions = (even ? 1 : 0)..<width
        var rows: [UInt32] = []
        var targets: [Int] = []
        for (target, t) in positions.enumerated() {
            let set = (0..<length).filter { $0 >> t & 1 == 1 }
            rows += set.map { UInt32($0) }
            targets += set.map { _ in target }
        }
        let digits = isExponent.gatheringRows(rows).xoringRows(into: targets)
        let exponent = try fromBits(digits).split(into: positions.count)

        // 4. 2ᵉ = Π (1 + eₜ · (2^(2ᵗ) − 1)).
        let factor = try productOfAll(
            zip(positions, exponent).map { power(1 << $0, where: $1) })
        return Normalized(value: try multiply(x, factor), factor: factor, exponent: exponent)
    }

    /// 2^bits where the condition is 1, and 1 where it is 0.
    func power(_ bits: Int, where condition: Shares) -> Shares {
        adding(1, to: condition.scaled(by: number((1 << bits) - 1)))
    }
}
