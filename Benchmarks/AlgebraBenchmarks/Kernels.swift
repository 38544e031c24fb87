import Algebra
import BenchmarkKit
import CReference

/// SplitMix64: the same words in every run.
private struct FixedWords: WordGenerator {
    private var state: UInt64 = 1

    mutating func fill(_ words: inout MutableSpan<UInt64>) {
        for i in words.indices {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
            words[i] = z ^ z >> 31
        }
    }
}

/// Two random operands, and a buffer for results that is allocated once.
private struct Operands<R: Ring> {
    let (a, b): ([UInt64], [UInt64])
    var result: [UInt64]

    init(_ ring: R, _ n: Int) {
        var generator = FixedWords()
        a = Vector.random(ring, count: n, using: &generator).limbs
        b = Vector.random(ring, count: n, using: &generator).limbs
        result = Vector.random(ring, count: n, using: &generator).limbs
    }

    mutating func write(_ kernel: (inout OutputSpan<UInt64>) -> Void) {
        // UInt64 has no deinitialiser, so that an output span may start over on full memory.
        unsafe result.withUnsafeMutableBufferPointer { buffer in
            var output = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
            kernel(&output)
            let written = unsafe output.finalize(for: buffer)
            precondition(written == buffer.count, "the kernel did not fill the result")
        }
    }

    mutating func update(_ kernel: (inout MutableSpan<UInt64>) -> Void) {
        var span = result.mutableSpan
        kernel(&span)
    }
}

func measureKernels<R: Ring>(_ ring: R, _ n: Int, _ benchmarks: inout Benchmarks) {
    let name = ring is PrimeField ? "prime:\(ring.bitWidth) bits" : ring.name
    var operands = Operands(ring, n)
    let (a, b) = (operands.a, operands.b)
    benchmarks.measure("\(name) add", elements: n) {
        operands.write { ring.add(a.span, b.span, into: &$0) }
        return nil
    }
    benchmarks.measure("\(name) multiply", elements: n) {
        operands.write { ring.multiply(a.span, b.span, into: &$0) }
        return nil
    }
    benchmarks.measure("\(name) multiply-accumulate", elements: n) {
        operands.update { ring.multiplyAccumulate(a.span, b.span, into: &$0) }
        return nil
    }
    let (x, y) = (Vector(ring, canonical: a), Vector(ring, canonical: b))
    benchmarks.measure("\(name) multiply, vectors", elements: n) {
        keep(x * y)
        return nil
    }
    benchmarks.measure("\(name) inner product", elements: n) {
        keep(x.innerProduct(with: y))
        return nil
    }
    benchmarks.measure("\(name) sums of 64", elements: n) {
        keep(x.sums(ofEvery: 64))
        return nil
    }
    // The words cost as much in every ring: the sampling alone counts.
    var generator = FixedWords()
    var candidates = [UInt64](repeating: 0, count: a.count)
    var span = candidates.mutableSpan
    generator.fill(&span)
    benchmarks.measure("\(name) sample", elements: n) {
        keep(
            [UInt64](capacity: candidates.count) {
                ring.sample(from: candidates.span, into: &$0)
            })
        return nil
    }
}

/// The borders of a ring: signed integers in, plain integers and their bit slices out and back.
func measureConversions<R: Ring>(_ ring: R, _ n: Int, _ benchmarks: inout Benchmarks) {
    let name = ring is PrimeField ? "prime:\(ring.bitWidth) bits" : ring.name
    var generator = FixedWords()
    let x = Vector.random(ring, count: n, using: &generator)
    let words = x.limbs.prefix(n).map { Int64(bitPattern: $0) }
    benchmarks.measure("\(name) from Int64", elements: n) {
        keep(Vector(ring, words))
        return nil
    }
    benchmarks.measure("\(name) decoded", elements: n) {
        keep(x.decoded())
        return nil
    }
    let (plain, width) = (x.decoded(), ring.limbsPerElement)
    benchmarks.measure("\(name) to bit slices", elements: n) {
        keep(BitMatrix(integers: plain, limbsPerInteger: width, bits: ring.bitWidth))
        return nil
    }
    let slices = BitMatrix(integers: plain, limbsPerInteger: width, bits: ring.bitWidth)
    benchmarks.measure("\(name) from bit slices", elements: n) {
        keep(slices.integers(limbsPerInteger: width))
        return nil
    }
}

/// C's loops for one ring.
@unsafe struct CLoops {
    typealias Word = UnsafePointer<UInt64>
    typealias Loop = (Word, Word, UnsafeMutablePointer<UInt64>, Int) -> Void
    let add, multiply, multiplyAccumulate: Loop

    static var z64: CLoops {
        unsafe CLoops(
            add: cref_z64_add, multiply: cref_z64_multiply,
            multiplyAccumulate: cref_z64_multiply_accumulate)
    }
    static var p62: CLoops {
        unsafe CLoops(
            add: cref_p62_add, multiply: cref_p62_multiply,
            multiplyAccumulate: cref_p62_multiply_accumulate)
    }
}

func compareWithC<R: Ring>(_ ring: R, _ loops: CLoops, _ n: Int, _ benchmarks: inout Benchmarks) {
    var (ours, theirs) = (Operands(ring, n), Operands(ring, n))
    let (a, b) = (ours.a, ours.b)
    func run(_ loop: CLoops.Loop) {
        // The arrays have n words each.
        unsafe theirs.result.withUnsafeMutableBufferPointer { result in
            if let result = result.baseAddress { unsafe loop(a, b, result, n) }
        }
    }
    let limit = 1.5
    benchmarks.compare("\(ring.name) add", elements: n, limit: limit, with: "C") {
        ours.write { ring.add(a.span, b.span, into: &$0) }
    } _: {
        unsafe run(loops.add)
    }
    precondition(ours.result == theirs.result, "C adds differently")
    benchmarks.compare("\(ring.name) multiply", elements: n, limit: limit, with: "C") {
        ours.write { ring.multiply(a.span, b.span, into: &$0) }
    } _: {
        unsafe run(loops.multiply)
    }
    precondition(ours.result == theirs.result, "C multiplies differently")
    benchmarks.compare("\(ring.name) multiply-accumulate", elements: n, limit: limit, with: "C") {
        ours.update { ring.multiplyAccumulate(a.span, b.span, into: &$0) }
    } _: {
        unsafe run(loops.multiplyAccumulate)
    }
    precondition(ours.result == theirs.result, "C accumulates differently")
}

/// 128-bit prime fields against `mpz_mul` and `mpz_mod` on integers allocated beforehand.
func compareWithMPZ(_ n: Int, _ benchmarks: inout Benchmarks) throws {
    let field = try PrimeField.largest(bits: 128)
    var ours = Operands(field, n)
    let (a, b) = (ours.a, ours.b)
    // Freed below; the arrays hold n elements of two limbs.
    let state = unsafe cref_mpz_make(a, b, field.modulus.limbs, n)
    defer { unsafe cref_mpz_free(state) }
    benchmarks.compare("prime:128 bits multiply", elements: n, limit: 1, with: "mpz") {
        ours.write { field.multiply(a.span, b.span, into: &$0) }
    } _: {
        unsafe cref_mpz_multiply(state)
    }
}
