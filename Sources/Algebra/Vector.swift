import Glibc

/// n elements of one ring, as flat limbs.
///
/// On the wire an element is its canonical limbs, each little-endian, so sending is a copy, and
/// receiving a copy and ``Ring/isCanonical(_:)``. Vectors of different rings or lengths do not mix:
/// that is a precondition of every operator. Operators are local: none sends a message. `==` is for
/// public values; it stops at the first difference.
public struct Vector<R: Ring>: Equatable, Sendable {
    public let ring: R
    public private(set) var limbs: [UInt64]

    /// Trusts the caller that `limbs` is canonical.
    package init(_ ring: R, canonical limbs: [UInt64]) {
        assert(limbs.count.isMultiple(of: ring.limbsPerElement))
        self.ring = ring
        self.limbs = limbs
    }

    public var count: Int { limbs.count / ring.limbsPerElement }

    public init(_ ring: R, zeros count: Int) {
        let words = count * ring.limbsPerElement
        self.init(ring, canonical: [UInt64](repeating: 0, count: words))
    }

    /// `count` copies of the one element of `element`.
    public init(repeating element: Self, count: Int) {
        precondition(element.count == 1, "\(element.count) elements where one is repeated")
        self.init(element.ring, canonical: repeated(element.limbs, count: count))
    }

    /// Signed integers modulo the order, −1 as order − 1; in constant time for every value.
    public init(_ ring: R, _ integers: some Collection<Int64>) {
        // x + 2⁶³ is an unsigned word; the ring's 2⁶³ comes off again after encoding. In blocks, so
        // that only the result goes through memory.
        let (integers, width, block) = (Array(integers), ring.limbsPerElement, 4096)
        let offset = Self(ring, plain: plainLimbs([0], plus: 1 << 63, width: width))
        let offsets = Self(repeating: offset, count: min(block, integers.count)).limbs
        let limbs = [UInt64](capacity: integers.count * width) { output in
            for start in stride(from: 0, to: integers.count, by: block) {
                let part = integers[start..<min(start + block, integers.count)]
                let shifted = Self(ring, plain: plainLimbs(part, plus: 1 << 63, width: width)).limbs
                let same = offsets.span.extracting(first: shifted.count)
                ring.subtract(shifted.span, same, into: &output)
            }
        }
        self.init(ring, canonical: limbs)
    }

    /// Integers of `limbsPerElement` plain limbs each, modulo the order.
    package init(_ ring: R, plain: [UInt64]) {
        self.init(
            ring, canonical: Array(capacity: plain.count) { ring.encode(plain.span, into: &$0) })
    }

    /// Integers modulo the order, negative ones too; variable time, for public values.
    public init(_ ring: R, big integers: [BigInteger]) {
        let width = ring.limbsPerElement
        let order = ring.order
        var plain: [UInt64] = []
        plain.reserveCapacity(integers.count * width)
        for integer in integers {
            let limbs = integer.modulo(order).limbs
            plain += limbs
            plain += repeatElement(0, count: width - limbs.count)
        }
        self.init(ring, plain: plain)
    }

    /// `count` uniform elements, from as many words of the stream as they need and no more.
    ///
    /// Two holders of one stream get the same vector, and drawing it in parts gives the same parts.
    public static func random(
        _ ring: R, count: Int, using generator: inout some WordGenerator & ~Copyable
    ) -> Self {
        let width = ring.limbsPerElement
        let block = 4096 / width  // elements: the candidates stay in the cache
        var candidates = [UInt64](repeating: 0, count: min(count, block) * width)
        let limbs = [UInt64](capacity: count * width) { output in
            while output.freeCapacity > 0 {
                // Never more candidates than elements are missing.
                candidates.removeLast(max(0, candidates.count - output.freeCapacity))
                var span = candidates.mutableSpan
                generator.fill(&span)
                ring.sample(from: candidates.span, into: &output)
            }
        }
        return Self(ring, canonical: limbs)
    }

    /// Overwrites the elements with zeros, in a way that the compiler does not remove.
    ///
    /// Copies of the vector made before keep their elements.
    public mutating func wipe() {
        // The buffer's own length bounds the write.
        unsafe limbs.withUnsafeMutableBytes { bytes in
            if let start = bytes.baseAddress { unsafe explicit_bzero(start, bytes.count) }
        }
    }
}

/// Printing shows the shape only: elements may be secret.
extension Vector: CustomStringConvertible, CustomReflectable {
    public var description: String { "Vector<\(R.self)>(count: \(count))" }
    public var customMirror: Mirror { Mirror(self, children: ["count": count]) }
}

// MARK: - Arithmetic

extension Vector {
    private typealias Kernel = (Span<UInt64>, Span<UInt64>, inout OutputSpan<UInt64>) -> Void

    private func checkShape(_ other: Self) {
        precondition(ring == other.ring, "vectors over \(ring.name) and \(other.ring.name)")
        precondition(count == other.count, "vectors of \(count) and \(other.count) elements")
    }

    private func combined(with other: Self, _ kernel: Kernel) -> Self {
        checkShape(other)
        let (a, b) = (limbs, other.limbs)
        return Self(ring, canonical: Array(capacity: a.count) { kernel(a.span, b.span, &$0) })
    }

    public static func + (a: Self, b: Self) -> Self { a.combined(with: b, a.ring.add) }
    public static func - (a: Self, b: Self) -> Self { a.combined(with: b, a.ring.subtract) }
    /// The element-wise product.
    public static func * (a: Self, b: Self) -> Self { a.combined(with: b, a.ring.multiply) }
    public static prefix func - (a: Self) -> Self { Self(a.ring, zeros: a.count) - a }

    /// c · self for a vector `c` of one element.
    public func scaled(by c: Self) -> Self {
        precondition(ring == c.ring, "vectors over \(ring.name) and \(c.ring.name)")
        precondition(c.count == 1, "\(c.count) elements where one scales")
        let (a, c) = (limbs, c.limbs)
        return Self(
            ring, canonical: Array(capacity: a.count) { ring.scale(a.span, by: c.span, into: &$0) })
    }

    /// self += a, in place.
    public mutating func accumulate(_ a: Self) {
        checkShape(a)
        var sum = limbs.mutableSpan
        a.ring.accumulate(a.limbs.span, into: &sum)
    }

    /// Adds `a` to the elements from `start` on, in place.
    package mutating func accumulate(_ a: Self, at start: Int) {
        precondition(ring == a.ring, "vectors over \(ring.name) and \(a.ring.name)")
        precondition(start >= 0 && start + a.count <= count, "elements beyond the sum")
        let first = start * ring.limbsPerElement
        // The precondition keeps the range within the elements.
        unsafe limbs.withUnsafeMutableBufferPointer { limbs in
            var part = unsafe MutableSpan(
                _unsafeElements: UnsafeMutableBufferPointer(
                    rebasing: limbs[first..<first + a.limbs.count]))
            a.ring.accumulate(a.limbs.span, into: &part)
        }
    }

    /// Adds the elements that ``random(_:count:using:)`` gives, or their negatives, in place.
    package mutating func accumulateRandom(
        using generator: inout some WordGenerator & ~Copyable, negated: Bool
    ) {
        // In blocks, so that what is drawn stays in the cache.
        let (ring, width) = (ring, ring.limbsPerElement)
        let block = 4096 / width
        for start in stride(from: 0, to: count, by: block) {
            let end = min(start + block, count)
            let drawn = Self.random(ring, count: end - start, using: &generator)
            let summand = negated ? -drawn : drawn
            // The range lies within the elements.
            unsafe limbs.withUnsafeMutableBufferPointer { limbs in
                let range = start * width..<end * width
                var part = unsafe MutableSpan(
                    _unsafeElements: UnsafeMutableBufferPointer(rebasing: limbs[range]))
                ring.accumulate(summand.limbs.span, into: &part)
            }
        }
    }

    /// self += a · b element by element, in place.
    public mutating func accumulateProduct(_ a: Self, _ b: Self) {
        checkShape(a)
        checkShape(b)
        var sum = limbs.mutableSpan
        a.ring.multiplyAccumulate(a.limbs.span, b.limbs.span, into: &sum)
    }

    /// Σᵢ self[i] · other[i], a vector of one element; zero for empty vectors.
    public func innerProduct(with other: Self) -> Self {
        checkShape(other)
        // The products at equal places of the blocks add up in the cache.
        let width = ring.limbsPerElement
        let block = 4096 / width
        var sums = [UInt64](repeating: 0, count: block * width)
        let whole = count / block * block
        for start in stride(from: 0, to: whole * width, by: block * width) {
            let range = start..<start + block * width
            var span = sums.mutableSpan
            ring.multiplyAccumulate(
                limbs.span.extracting(range), other.limbs.span.extracting(range), into: &span)
        }
        var total = Self(ring, canonical: sums).sums(ofEvery: block)
        if whole < count {
            let rest = self[whole..<count] * other[whole..<count]
            total.accumulate(rest.sums(ofEvery: rest.count))
        }
        return total
    }

    /// The sums of runs of `length` consecutive elements: shape n gives n / length.
    ///
    /// - Precondition: `length` > 0 divides n.
    public func sums(ofEvery length: Int) -> Self {
        precondition(
            length > 0 && count.isMultiple(of: length), "\(count) elements in runs of \(length)")
        let a = limbs
        return Self(
            ring,
            canonical: Array(capacity: a.count / length) {
                ring.sums(ofEvery: length, a.span, into: &$0)
            })
    }
}

// MARK: - Parts

extension Vector {
    public subscript(range: Range<Int>) -> Self {
        let width = ring.limbsPerElement
        return Self(
            ring, canonical: Array(limbs[range.lowerBound * width..<range.upperBound * width]))
    }

    public mutating func append(_ other: Self) {
        precondition(ring == other.ring, "vectors over \(ring.name) and \(other.ring.name)")
        limbs += other.limbs
    }

    /// Two vectors laid end to end: shapes n and m give n + m.
    public func appending(_ other: Self) -> Self { Self.concatenating([self, other]) }

    /// The vectors laid end to end.
    ///
    /// - Precondition: there is at least one, which gives the ring.
    public static func concatenating(_ vectors: [Self]) -> Self {
        precondition(!vectors.isEmpty, "no vectors to lay end to end")
        var result = Self(vectors[0].ring, canonical: [])
        result.limbs.reserveCapacity(vectors.reduce(0) { $0 + $1.limbs.count })
        for vector in vectors { result.append(vector) }
        return result
    }
}

// MARK: - Wire and outputs

extension Vector {
    /// The bytes of the wire form: 8 a limb.
    public var wireByteCount: Int { limbs.count * 8 }

    /// Appends the wire form: canonical limbs, each little-endian.
    public func appendWire(to output: inout OutputSpan<UInt8>) {
        appendLittleEndian(limbs, to: &output)
    }

    /// Reads `count` elements from their canonical limbs; `nil` for any other length or form.
    package init?(_ ring: R, wireWords limbs: [UInt64], count: Int) {
        guard limbs.count == count * ring.limbsPerElement, ring.isCanonical(limbs.span) else {
            return nil
        }
        self.init(ring, canonical: limbs)
    }

    /// Reads `count` elements in wire form; `nil` for any other length or form.
    public init?(_ ring: R, received bytes: ArraySlice<UInt8>, count: Int) {
        let limbs = littleEndianWords(bytes)
        guard let limbs, limbs.count.isMultiple(of: ring.limbsPerElement),
            limbs.count / ring.limbsPerElement == count, ring.isCanonical(limbs.span)
        else { return nil }
        self.init(ring, canonical: limbs)
    }

    /// Plain integers in 0 ..< order, `limbsPerElement` little-endian limbs each; constant time.
    public func decoded() -> [UInt64] {
        let elements = limbs
        return Array(capacity: elements.count) { ring.decode(elements.span, into: &$0) }
    }

    /// The integers in 0 ..< order; variable time, for outputs.
    public var integers: [BigInteger] {
        let plain = decoded()
        let width = ring.limbsPerElement
        return stride(from: 0, to: plain.count, by: width).map {
            BigInteger(limbs: Array(plain[$0..<$0 + width]))
        }
    }

    /// The integers, those above (order − 1) / 2 less the order; variable time, for outputs.
    public var signedIntegers: [BigInteger] {
        let order = ring.order
        let half = (order - 1) >> 1
        return integers.map { $0 > half ? $0 - order : $0 }
    }
}

// MARK: - Loops over limbs, here because generic code of the vector would not be specialised

/// x + `offset` modulo 2⁶⁴ for each integer x, then zeros: `width` limbs each.
private func plainLimbs(_ integers: ArraySlice<Int64>, plus offset: UInt64, width: Int) -> [UInt64]
{
    Array(capacity: integers.count * width) { output in
        for integer in integers {
            output.append(UInt64(bitPattern: integer) &+ offset)
            for _ in 1..<width { output.append(0) }
        }
    }
}

private func repeated(_ limbs: [UInt64], count: Int) -> [UInt64] {
    Array(capacity: limbs.count * count) { output in
        for _ in 0..<count { for limb in limbs { output.append(limb) } }
    }
}
