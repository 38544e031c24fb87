/// Signed numbers of up to 128 bits in and out of a ring: what tables hold.
extension Vector {
    /// The numbers modulo the order.
    ///
    /// In constant time if all fit 64 bits, which is the range's matter and not the values';
    /// otherwise in variable time.
    ///
    /// - Parameter range: a public range in which all the numbers lie.
    package init(_ ring: R, _ numbers: [Int128], in range: ClosedRange<Int128>) {
        if range.lowerBound >= Int64.min, range.upperBound <= Int64.max {
            self.init(ring, numbers.map { Int64(truncatingIfNeeded: $0) })
        } else {
            self.init(
                ring,
                big: numbers.map { number in
                    let magnitude = BigInteger(number.magnitude)
                    return number < 0 ? 0 - magnitude : magnitude
                })
        }
    }

    /// `count` copies of a public number.
    package init(_ ring: R, repeating number: Int128, count: Int) {
        self.init(repeating: Self(ring, [number], in: number...number), count: count)
    }

    /// The numbers in ±2¹²⁶ that elements stand for, those above half the order negative.
    ///
    /// Variable time, for outputs. A magnitude of more than 126 bits loses its upper bits.
    package var wideNumbers: [Int128] {
        let (order, half) = (ring.order, (ring.order - 1) >> 1)
        if ring.limbsPerElement == 1, let p = half.limbs.first {
            // Modulo 2⁶⁴ and modulo an odd p < 2⁶⁴ alike: the order's lowest limb is p or 0.
            let orderLimb = order.limbs[0]
            return decoded().map {
                $0 > p ? -Int128(orderLimb &- $0) : Int128($0)
            }
        }
        return signedIntegers.map { number in
            let limbs = number.magnitude.limbs.prefix(2) + [0, 0]
            let magnitude = Int128(truncatingIfNeeded: UInt128(limbs[1]) << 64 | UInt128(limbs[0]))
            return number.signum < 0 ? 0 &- magnitude : magnitude
        }
    }
}

extension Ring {
    /// ``numberBound``, as far as 126 bits reach.
    package var numberLimit: Int128 {
        let bound = numberBound.limbs
        guard numberBound.bitWidth <= 126 else { return 1 << 126 }
        return bound.reversed().reduce(0) { $0 << 64 | Int128($1) }
    }
}
