import Algebra
import BenchmarkKit
import CMalloc

/// What analysts run, over TLS on loopback, three parties in this process.
func run() throws {
    // One arena, of which all that is free can be given back between measurements.
    mallopt(M_ARENA_MAX, 1)
    var benchmarks = try Benchmarks(
        "Tables over TLS on loopback, three parties", clock: .wall,
        arguments: Array(CommandLine.arguments.dropFirst()))
    try measureSorts(&benchmarks)
    try benchmarks.report()
}

try run()
