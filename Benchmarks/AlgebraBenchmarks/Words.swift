import Algebra
import BenchmarkKit
import CKernels
import Primitives

extension Benchmarks {
    /// A kernel as this CPU runs it, beside its portable form: nanoseconds per element.
    mutating func comparePortable(_ name: String, elements: Int, _ body: () -> Void) {
        compare(name, elements: elements, with: "portable", body) {
            ck_use_portable(true)
            body()
            ck_use_portable(false)
        }
    }
}

private func generator() -> CounterGenerator {
    CounterGenerator(key: SecretBytes(copying: Array(0..<16)))
}

/// Bit matrices of n lanes: transposes per word of the narrow side, as tables use them.
func measureTransposes(_ n: Int, _ benchmarks: inout Benchmarks) {
    var words = generator()
    for bits in [64, 84, 128, 200] {
        let slices = BitMatrix.random(rows: bits, count: n, using: &words)
        let limbs = (bits + 63) / 64
        let integers = slices.integers(limbsPerInteger: limbs)
        benchmarks.comparePortable("\(bits) bits to slices, words", elements: integers.count) {
            keep(BitMatrix(integers: integers, limbsPerInteger: limbs, bits: bits))
        }
        benchmarks.comparePortable("\(bits) bits from slices, words", elements: integers.count) {
            keep(slices.integers(limbsPerInteger: limbs))
        }
    }
}

/// Tables of n rows: rows taken at random places, running sums, shifts, spread bits.
func measureRows(_ n: Int, _ benchmarks: inout Benchmarks) {
    var words = generator()
    let permutation = Permutation.random(n, using: &words)
    for width in [1, 2, 3, 8] {
        let table = BitMatrix.random(rows: n, count: 64 * width, using: &words)
        benchmarks.measure("gather rows of \(width) words", elements: n) {
            keep(table.gatheringRows(permutation.indices))
            return nil
        }
        benchmarks.measure("running XORs of \(width) words", elements: n) {
            keep(table.prefixXORs())
            return nil
        }
    }
    let x = Vector.random(Z64(), count: n, using: &words)
    benchmarks.measure("running sums, z64", elements: n) {
        keep(x.prefixSums())
        return nil
    }
    let slices = BitMatrix.random(rows: 64, count: n, using: &words)
    benchmarks.measure("shift of lanes, words", elements: slices.words.count) {
        keep(slices.shiftedLanes(by: 5))
        return nil
    }
    let bits = slices.row(0)
    benchmarks.comparePortable("bits to z64", elements: n) { keep(Vector(Z64(), bits: bits)) }
}

/// What two seeds and a multiplication of replicated sharing cost: n words.
func measureReplicated(_ n: Int, _ benchmarks: inout Benchmarks) {
    var words = generator()
    func crossTerms<R: Ring>(_ ring: R) {
        let x0 = Vector.random(ring, count: n, using: &words).limbs
        let x1 = Vector.random(ring, count: n, using: &words).limbs
        let y0 = Vector.random(ring, count: n, using: &words).limbs
        let y1 = Vector.random(ring, count: n, using: &words).limbs
        benchmarks.comparePortable("\(ring.name) cross terms", elements: n) {
            keep(
                [UInt64](capacity: x0.count) {
                    ring.crossTerms(x0.span, x1.span, y0.span, y1.span, into: &$0)
                })
        }
        guard ring is Z64 else { return }
        benchmarks.comparePortable("AND cross terms, words", elements: n) {
            keep(
                [UInt64](capacity: n) {
                    andCrossTerms(x0.span, x1.span, y0.span, y1.span, into: &$0)
                })
        }
    }
    crossTerms(Z64())
    crossTerms(Z128())
    crossTerms(Prime62())
    crossTerms(Prime126())
}

/// The AES stream, per block of 16 bytes, in place.
func measureStream(_ blocks: Int, _ benchmarks: inout Benchmarks) {
    var buffer = [UInt64](repeating: 0, count: 2 * blocks)
    benchmarks.comparePortable("AES stream, blocks", elements: blocks) {
        var stream = generator()
        var span = buffer.mutableSpan
        stream.fill(&span)
    }
    benchmarks.comparePortable("AES stream added, blocks", elements: blocks) {
        var stream = generator()
        var span = buffer.mutableSpan
        stream.mask(&span)
    }
    let seed = SecretBytes(copying: Array(0..<32))
    let session = SHA256.hash([1])
    var few = [UInt64](repeating: 0, count: 4)
    benchmarks.comparePortable("a new stream and 4 words", elements: 1000) {
        for operation in 0..<1000 {
            var stream = CounterGenerator(
                seed: seed, domain: "benchmark", session: session, epoch: 0,
                operation: UInt64(operation))
            var span = few.mutableSpan
            stream.fill(&span)
        }
    }
}
