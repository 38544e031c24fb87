import Algebra
import MPC

extension Engine where Self: ~Copyable {
    /// Σ cᵢ · tⁱ · 2^(``workingBits`` + extra), for |t| ≤ 1 with ``workingBits`` fraction bits.
    ///
    /// ⌈log₂ degree⌉ rounds of products with truncations, degree − 1 of each; the sum is local and
    /// not truncated.
    mutating func polynomial(_ coefficients: [Double], at t: Shares, extraBits extra: Int)
        throws(MPCError) -> Shares
    {
        let degree = coefficients.count - 1
        var powers = [t]
        while powers.count < degree {
            let m = powers.count
            let next = min(m, degree - m)
            let highest = Array(repeating: powers[m - 1], count: next)
            let products = try truncate(
                multiply(.concatenating(Array(powers[0..<next])), .concatenating(highest)),
                by: workingBits)
            powers += products.split(into: next)
        }
        var sum = powers[0].scaled(by: number(fixed(coefficients[1], extra)))
        for (power, coefficient) in zip(powers, coefficients.dropFirst()).dropFirst() {
            sum = sum + power.scaled(by: number(fixed(coefficient, extra)))
        }
        return adding(fixed(coefficients[0], workingBits + extra), to: sum)
    }
}
