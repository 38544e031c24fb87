public import Algebra
package import Primitives

/// Vectors over an abelian group, with a wire form: ring elements under addition, bits under XOR.
///
/// Additive sharing needs no more than this, so it is written once for both.
package protocol AbelianVector: Sendable {
    associatedtype Shape: Hashable & Sendable
    var shape: Shape { get }
    static func zero(_ shape: Shape) -> Self
    static func random(_ shape: Shape, using generator: inout some WordGenerator & ~Copyable)
        -> Self
    mutating func add(_ other: Self)
    mutating func subtract(_ other: Self)
    /// Adds the uniform vector that the stream gives.
    mutating func add(streamOf generator: inout CounterGenerator)
    mutating func subtract(streamOf generator: inout CounterGenerator)
    /// Elements, or lanes.
    var count: Int { get }
    /// A part of the elements, or of the lanes: those are cut at multiples of 64.
    func slice(_ range: Range<Int>) -> Self
    static func joining(_ parts: [Self]) -> Self
    mutating func wipe()

    static func wireByteCount(_ shape: Shape) -> Int
    func appendWire(to output: inout OutputSpan<UInt8>)
    /// The wire form in words, for what is too long for one frame.
    var wireWords: [UInt64] { get }
    init?(wireWords: [UInt64], shape: Shape)
    /// Nil if the bytes are not the wire form of exactly this shape.
    init?(received bytes: ArraySlice<UInt8>, shape: Shape)
}

extension AbelianVector {
    package mutating func add(streamOf generator: inout CounterGenerator) {
        add(.random(shape, using: &generator))
    }
    package mutating func subtract(streamOf generator: inout CounterGenerator) {
        subtract(.random(shape, using: &generator))
    }
}

/// n elements of a ring.
package struct VectorShape<R: Ring>: Hashable, Sendable {
    package let ring: R
    package let count: Int
    package init(ring: R, count: Int) { (self.ring, self.count) = (ring, count) }
}

/// Rows of lanes of bits.
package struct BitShape: Hashable, Sendable {
    package let rows, count: Int
    package init(rows: Int, count: Int) { (self.rows, self.count) = (rows, count) }
}

extension Vector: AbelianVector {
    package var shape: VectorShape<R> { VectorShape(ring: ring, count: count) }
    package static func zero(_ shape: VectorShape<R>) -> Self {
        Vector(shape.ring, zeros: shape.count)
    }
    package static func random(
        _ shape: VectorShape<R>, using generator: inout some WordGenerator & ~Copyable
    ) -> Self {
        .random(shape.ring, count: shape.count, using: &generator)
    }
    package mutating func add(_ other: Self) { accumulate(other) }
    package mutating func subtract(_ other: Self) { self = self - other }
    package mutating func add(streamOf generator: inout CounterGenerator) {
        accumulateRandom(using: &generator, negated: false)
    }
    package mutating func subtract(streamOf generator: inout CounterGenerator) {
        accumulateRandom(using: &generator, negated: true)
    }
    package func slice(_ range: Range<Int>) -> Self { self[range] }
    package static func joining(_ parts: [Self]) -> Self { .concatenating(parts) }
    package static func wireByteCount(_ shape: VectorShape<R>) -> Int {
        8 * shape.ring.limbsPerElement * shape.count
    }
    package var wireWords: [UInt64] { limbs }
    package init?(wireWords: [UInt64], shape: VectorShape<R>) {
        self.init(shape.ring, wireWords: wireWords, count: shape.count)
    }
    package init?(received bytes: ArraySlice<UInt8>, shape: VectorShape<R>) {
        self.init(shape.ring, received: bytes, count: shape.count)
    }
}

extension BitMatrix: AbelianVector {
    package var shape: BitShape { BitShape(rows: rows, count: count) }
    package static func zero(_ shape: BitShape) -> Self {
        BitMatrix(rows: shape.rows, count: shape.count)
    }
    package static func random(
        _ shape: BitShape, using generator: inout some WordGenerator & ~Copyable
    ) -> Self {
        .random(rows: shape.rows, count: shape.count, using: &generator)
    }
    package mutating func add(_ other: Self) { self ^= other }
    package mutating func subtract(_ other: Self) { self ^= other }
    package mutating func add(streamOf generator: inout CounterGenerator) {
        update { generator.mask(&$0) }
    }
    package mutating func subtract(streamOf generator: inout CounterGenerator) {
        add(streamOf: &generator)
    }
    package func slice(_ range: Range<Int>) -> Self { lanes(range) }
    package static func joining(_ parts: [Self]) -> Self { .concatenating(lanes: parts) }
    package static func wireByteCount(_ shape: BitShape) -> Int {
        shape.rows * ((shape.count + 63) / 64) * 8
    }
    package var wireWords: [UInt64] { words }
    package init?(wireWords: [UInt64], shape: BitShape) {
        self.init(rows: shape.rows, count: shape.count, wireWords: wireWords)
    }
    package init?(received bytes: ArraySlice<UInt8>, shape: BitShape) {
        self.init(rows: shape.rows, count: shape.count, received: bytes)
    }
}
