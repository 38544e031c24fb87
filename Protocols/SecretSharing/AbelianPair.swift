package import Algebra

/// Vectors over two groups that belong together, element by element: on the wire one after the
/// other.
package struct AbelianPair<First: AbelianVector, Second: AbelianVector>: AbelianVector {
    package var first: First
    package var second: Second

    package init(_ first: First, _ second: Second) { (self.first, self.second) = (first, second) }

    package struct Shape: Hashable, Sendable {
        package let first: First.Shape
        package let second: Second.Shape

        package init(_ first: First.Shape, _ second: Second.Shape) {
            (self.first, self.second) = (first, second)
        }
    }

    package var shape: Shape { Shape(first.shape, second.shape) }
    package var count: Int { first.count }

    package static func zero(_ shape: Shape) -> Self {
        Self(.zero(shape.first), .zero(shape.second))
    }
    package static func random(
        _ shape: Shape, using generator: inout some WordGenerator & ~Copyable
    ) -> Self {
        let first = First.random(shape.first, using: &generator)
        return Self(first, .random(shape.second, using: &generator))
    }
    package mutating func add(_ other: Self) {
        first.add(other.first)
        second.add(other.second)
    }
    package mutating func subtract(_ other: Self) {
        first.subtract(other.first)
        second.subtract(other.second)
    }
    package func slice(_ range: Range<Int>) -> Self {
        Self(first.slice(range), second.slice(range))
    }
    package static func joining(_ parts: [Self]) -> Self {
        Self(.joining(parts.map(\.first)), .joining(parts.map(\.second)))
    }
    package mutating func wipe() {
        first.wipe()
        second.wipe()
    }

    package static func wireByteCount(_ shape: Shape) -> Int {
        First.wireByteCount(shape.first) + Second.wireByteCount(shape.second)
    }
    package func appendWire(to output: inout OutputSpan<UInt8>) {
        first.appendWire(to: &output)
        second.appendWire(to: &output)
    }
    package var wireWords: [UInt64] { first.wireWords + second.wireWords }
    package init?(wireWords words: [UInt64], shape: Shape) {
        let size = First.wireByteCount(shape.first) / 8
        guard let first = First(wireWords: Array(words.prefix(size)), shape: shape.first),
            let second = Second(wireWords: Array(words.dropFirst(size)), shape: shape.second)
        else { return nil }
        self.init(first, second)
    }
    package init?(received bytes: ArraySlice<UInt8>, shape: Shape) {
        let size = First.wireByteCount(shape.first)
        guard let first = First(received: bytes.prefix(size), shape: shape.first),
            let second = Second(received: bytes.dropFirst(size), shape: shape.second)
        else { return nil }
        self.init(first, second)
    }
}
