import Algebra
import Primitives
import Testing

/// Kernels on several threads: alone among suites, since the number of threads is the process's.
@Suite(.serialized) struct LocalThreadsTests {
    @Test(arguments: [0, 1, 5, 6, 7, 100])
    func chunksCoverEverythingOnce(_ count: Int) {
        for threads in 1...3 {
            LocalThreads.count = threads
            defer { LocalThreads.count = 1 }
            var seen = [UInt8](repeating: 0, count: count)
            var borders = [UInt8](repeating: 0, count: count)
            unsafe seen.withUnsafeMutableBufferPointer { seen in
                unsafe borders.withUnsafeMutableBufferPointer { borders in
                    // Every place belongs to one chunk, which alone writes it.
                    forEachChunk(of: count, chunk: 6) { part in
                        for i in part { unsafe seen[i] += 1 }
                        unsafe borders[part.lowerBound] = UInt8(part.count)
                    }
                }
            }
            #expect(seen.allSatisfy { $0 == 1 })
            #expect(
                (0..<count).allSatisfy { borders[$0] == ($0 % 6 == 0 ? min(6, count - $0) : 0) })
        }
    }

    /// Long enough for several pieces in every kernel, and one that ends early.
    private func everything() -> [[UInt64]] {
        let n = 100_003
        var generator = CounterGenerator(key: SecretBytes(copying: Array(0..<16)))
        var results: [[UInt64]] = []
        func rings<R: Ring>(_ ring: R) {
            let a = Vector.random(ring, count: n, using: &generator)
            let b = Vector.random(ring, count: n, using: &generator)
            var sum = a * b
            sum.accumulate(a)
            sum.accumulateProduct(a, b)
            let (x, y) = (a.limbs, b.limbs)
            results.append(sum.limbs)
            results.append(
                [UInt64](capacity: x.count) {
                    ring.crossTerms(x.span, y.span, y.span, x.span, into: &$0)
                })
            results.append(a.gathering((0..<UInt32(n)).map { UInt32(n) - 1 - $0 }).limbs)
        }
        rings(Z64())
        rings(Prime62())
        rings(Prime126())
        let bits = BitMatrix.random(rows: 100, count: n, using: &generator)
        results.append(bits.transposed().words)
        results.append(bits.transposed().transposed().words)
        var masked = results[0]
        var span = masked.mutableSpan
        generator.mask(&span)
        results.append(masked)
        let (words, others) = (bits.words, (bits ^ bits.shiftedLanes(by: 3)).words)
        results.append(
            [UInt64](capacity: words.count) {
                andCrossTerms(words.span, others.span, others.span, words.span, into: &$0)
            })
        return results
    }

    @Test func resultsDoNotDependOnTheNumber() {
        let expected = everything()
        for threads in 2...3 {
            LocalThreads.count = threads
            defer { LocalThreads.count = 1 }
            #expect(everything() == expected)
        }
    }
}
