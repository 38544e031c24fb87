import Algebra
import BenchmarkKit
import Foundation

do {
    var benchmarks = try Benchmarks(
        "Ring kernels: nanoseconds per element", clock: .threadCPU,
        arguments: Array(CommandLine.arguments.dropFirst()))
    for n in benchmarks.isQuick ? [1 << 16] : [1 << 16, 1 << 20] {
        // C's loops get arrays of the n words that they are told.
        unsafe compareWithC(Z64(), CLoops.z64, n, &benchmarks)
        unsafe compareWithC(Prime62(), CLoops.p62, n, &benchmarks)
        try compareWithMPZ(n, &benchmarks)
        for ring in [Z64(), Z128(), Prime62(), Prime126()] as [any Ring] {
            measureKernels(ring, n, &benchmarks)
        }
        for bits in [64, 128, 256] {
            measureKernels(try PrimeField.largest(bits: bits), n, &benchmarks)
        }
        measureConversions(Z64(), n, &benchmarks)
        measureConversions(try PrimeField.largest(bits: 128), n, &benchmarks)
        measureTransposes(n, &benchmarks)
        measureRows(n, &benchmarks)
        measureReplicated(n, &benchmarks)
        measureStream(n, &benchmarks)
    }
    try benchmarks.report()
} catch {
    FileHandle.standardError.write(Data("AlgebraBenchmarks: \(error)\n".utf8))
    exit(1)
}
