import Algebra
import Foundation
import Gadgets
import MPC
import Primitives
import TestSupport
import Testing

/// Runs a gadget on the plaintext engine, with plain integers in and out.
func plain<R: Ring>(
    _ ring: R, _ inputs: [[BigInteger]],
    _ body: (inout PlainEngine<R>, [PlainEngine<R>.Shares]) throws -> PlainEngine<R>.Shares
) throws -> [BigInteger] {
    var engine = PlainEngine(ring)
    let shares = try inputs.map { column in
        try engine.input(Vector(ring, big: column), count: column.count, from: Party(0))
    }
    let result = try body(&engine, shares)
    return try engine.reveal(result).value.signedIntegers
}

/// The largest error of results, as a fraction of the bound that each has: 1 ulp plus a fraction of
/// the exact result.
struct ErrorBound {
    let ulps: Double
    let relative: Double
    private(set) var worst = 0.0

    init(ulps: Double, relative: Double = 0) { (self.ulps, self.relative) = (ulps, relative) }

    /// - Parameter exact: in ulps, not rounded.
    mutating func record(_ result: BigInteger, exact: Double) {
        guard let value = Int64(exactly: result) else {
            worst = .infinity
            return
        }
        worst = max(worst, abs(Double(value) - exact) / (ulps + relative * abs(exact)))
    }

    /// The bound holds, and it says something: the worst error is at least a quarter of it.
    var isTight: Bool { (0.25...1).contains(worst) }
}

/// Positive integers below 2^bits of every magnitude: powers of two and their neighbours, and
/// random ones.
func magnitudes(bits: Int, each: Int = 40) -> [Int64] {
    var generator = SeededGenerator(seed: UInt64(bits))
    var numbers: [Int64] = []
    for width in 0..<bits {
        let power = Int64(1) << Int64(width)
        numbers += [power, max(1, power - 1), min(power + 1, 2 * power - 1), 2 * power - 1]
        for _ in 0..<each { numbers.append(Int64.random(in: power..<2 * power, using: &generator)) }
    }
    return numbers
}
