import Algebra
import Foundation
import Gadgets
import MPC
import TestSupport
import Testing

/// Each function against Foundation's, on grids, edges and random arguments, within its bound.
@Suite struct FunctionTests {
    /// The worst error over all arguments, given and returned as integers with f fraction bits.
    func worst<R: Ring>(
        _ ring: R, f: Int = 16, _ arguments: [Int64], _ bound: ErrorBound,
        exact: (Double) -> Double,
        _ gadget: (inout PlainEngine<R>, PlainEngine<R>.Shares) throws -> PlainEngine<R>.Shares
    ) throws -> ErrorBound {
        var bound = bound
        let results = try plain(ring, [arguments.map { BigInteger($0) }]) {
            try gadget(&$0, $1[0])
        }
        let scale = exp2(Double(f))
        for (x, z) in zip(arguments, results) {
            bound.record(z, exact: exact(Double(x) / scale) * scale)
        }
        return bound
    }

    func reciprocal(_ ring: some Ring, f: Int) throws {
        let arguments = magnitudes(bits: 31)
        let bound = try worst(
            ring, f: f, arguments, ErrorBound(ulps: 0.5, relative: 0x1p-25), exact: { 1 / $0 }
        ) { try $0.reciprocal($1, fractionBits: f, integerBits: 31 - f) }
        #expect(bound.isTight, "\(bound.worst)")
    }

    @Test("Reciprocals of every magnitude")
    func reciprocals() throws {
        try reciprocal(Z64(), f: 16)
        try reciprocal(Prime62(), f: 16)
        try reciprocal(Prime126(), f: 12)
    }

    func roots(_ ring: some Ring, f: Int, bits: Int) throws {
        let arguments = magnitudes(bits: bits)
        let root = try worst(
            ring, f: f, [0] + arguments, ErrorBound(ulps: 0.5, relative: 0x1p-25), exact: sqrt
        ) { try $0.squareRoot($1, fractionBits: f, integerBits: bits - f) }
        #expect(root.isTight, "\(root.worst)")
        let reciprocal = try worst(
            ring, f: f, arguments, ErrorBound(ulps: 0.5, relative: 0x1p-25), exact: { 1 / sqrt($0) }
        ) { try $0.reciprocalSquareRoot($1, fractionBits: f, integerBits: bits - f) }
        #expect(reciprocal.isTight, "\(reciprocal.worst)")
    }

    @Test("Square roots and their reciprocals, of every magnitude")
    func roots() throws {
        try roots(Z64(), f: 16, bits: 30)
        try roots(Prime62(), f: 16, bits: 48)
        try roots(Prime126(), f: 20, bits: 45)
    }

    func exponential(_ ring: some Ring, f: Int) throws {
        let scale = exp2(Double(f))
        let ends = (-Double(f + 1) * log(2) * scale, Double(30 - f) * log(2) * scale)
        let (low, high) = (Int64(ends.0.rounded(.up)), Int64(ends.1.rounded(.down)))
        let arguments =
            Array(stride(from: low, through: high, by: 97)) + [-1, 0, 1, high - 1, high]
        let bound = try worst(
            ring, f: f, arguments, ErrorBound(ulps: 0.5, relative: 0x1p-26), exact: exp
        ) { try $0.exponential($1, fractionBits: f) }
        #expect(bound.isTight, "\(bound.worst)")
    }

    @Test("Exponentials over their whole domain")
    func exponentials() throws {
        try exponential(Z64(), f: 16)
        try exponential(Prime62(), f: 16)
        try exponential(Prime126(), f: 12)
    }

    func logarithm(_ ring: some Ring, f: Int, bits: Int) throws {
        let bound = try worst(
            ring, f: f, magnitudes(bits: bits), ErrorBound(ulps: 1), exact: { log($0) }
        ) { try $0.logarithm($1, fractionBits: f, integerBits: bits - f) }
        #expect(bound.isTight, "\(bound.worst)")
    }

    @Test("Logarithms of every magnitude")
    func logarithms() throws {
        try logarithm(Z64(), f: 16, bits: 32)
        try logarithm(Prime62(), f: 16, bits: 58)
        try logarithm(Prime126(), f: 12, bits: 40)
    }

    static let far: [Int64] = [1 << 20, 1 << 30, 1 << 40, 1 << 59, (1 << 60) - (1 << 32)]

    func sigmoid(_ ring: some Ring, f: Int, every step: Int64) throws {
        let arguments =
            Array(stride(from: Int64(-9) << Int64(f), through: 9 << Int64(f), by: Int(step)))
            + Self.far + Self.far.map { -$0 }
        let results = try plain(ring, [arguments.map { BigInteger($0) }]) {
            try $0.sigmoid($1[0], fractionBits: f)
        }
        var worst = 0.0
        for (x, z) in zip(arguments, results) {
            let exact = 1 / (1 + exp(-Double(x) / exp2(Double(f))))
            worst = max(worst, abs((Int64(exactly: z).map(Double.init) ?? .nan) / 65536 - exact))
        }
        #expect(worst <= 0.00098 && worst > 0.0009, "\(worst)")
    }

    @Test("The sigmoid over all numbers, for several precisions of its argument")
    func sigmoids() throws {
        try sigmoid(Z64(), f: 16, every: 3)
        try sigmoid(Z64(), f: 32, every: 1_234_567)
        try sigmoid(Prime62(), f: 16, every: 7)
        try sigmoid(Prime126(), f: 8, every: 1)
    }
}
