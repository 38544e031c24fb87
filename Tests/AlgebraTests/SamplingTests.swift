import Algebra
import TestSupport
import Testing

/// Words given in advance.
private struct Listed: WordGenerator {
    var words: [UInt64]
    mutating func fill(_ output: inout MutableSpan<UInt64>) {
        for i in output.indices { output[i] = words.removeFirst() }
    }
}

@Suite struct SamplingTests {
    /// All 2¹⁶ candidates of the largest 16-bit prime: each element exactly once, the rest skipped.
    @Test func everyElementOfASmallFieldIsHitOnce() throws {
        let field = try PrimeField.largest(bits: 16)
        // Bits above the modulus are dropped, whatever they are.
        let candidates = (0..<(1 << 16)).map { UInt64($0) | UInt64($0) << 40 }
        let elements = [UInt64](capacity: candidates.count) {
            field.sample(from: candidates.span, into: &$0)
        }
        #expect(elements == (0..<65521).map { UInt64($0) })
    }

    @Test func candidatesOutsideTheRingAreSkippedAndOrderIsKept() {
        let p = Prime62.modulusWord
        var generator = Listed(words: [p, 5, p + 1, (1 << 62) - 1, p - 1, 3 << 62 | 9, 11])
        let drawn = Vector.random(Prime62(), count: 3, using: &generator)
        #expect(drawn.limbs == [5, p - 1, 9])
        #expect(generator.words == [11], "no word drawn beyond the last element")
    }

    @Test func twoWordCandidates() {
        // p = 2¹²⁶ − 2¹⁸ + 1: the low word of p, and the high one.
        let (low, high) = (UInt64.max - (1 << 18) + 2, UInt64.max >> 2)
        var generator = Listed(words: [low, high, low - 1, high | 1 << 63, .max, .max, 1, 2, 3, 4])
        let drawn = Vector.random(Prime126(), count: 2, using: &generator)
        #expect(drawn.limbs == [low - 1, high, 1, 2] && generator.words == [3, 4])
    }

    @Test func samplingStopsWhenTheOutputIsFull() throws {
        func check<R: Ring>(_ ring: R) {
            let width = ring.limbsPerElement
            let candidates = [UInt64](repeating: 1, count: 10 * width)
            let elements = [UInt64](capacity: 3 * width) {
                ring.sample(from: candidates.span, into: &$0)
            }
            #expect(elements.count == 3 * width)
        }
        for ring in [Z64(), Prime62(), Prime126(), try PrimeField.largest(bits: 130)] as [any Ring]
        {
            check(ring)
        }
    }

    @Test func aSeedGivesOneVector() {
        var (a, b, c) = (
            SeededGenerator(seed: 5), SeededGenerator(seed: 5), SeededGenerator(seed: 6)
        )
        let first = Vector.random(Z64(), count: 10, using: &a)
        #expect(first == Vector.random(Z64(), count: 10, using: &b))
        #expect(first != Vector.random(Z64(), count: 10, using: &c))
    }
}

extension Prime62 {
    fileprivate static var modulusWord: UInt64 { Prime62().order.limbs[0] }
}
