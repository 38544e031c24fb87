import Algebra
import BenchmarkKit
import MPC

/// What analysts run, over TLS on loopback, all parties in this process.
func run() throws {
    var benchmarks = try Benchmarks(
        "Tables over TLS on loopback", clock: .wall,
        arguments: Array(CommandLine.arguments.dropFirst()))
    try measureSorts(&benchmarks)
    try measureDealtSort(&benchmarks)
    try measureTwoParties(&benchmarks)
    try measureTables(&benchmarks)
    try benchmarks.report()
}

restartWithRetainedMemory()
try run()
