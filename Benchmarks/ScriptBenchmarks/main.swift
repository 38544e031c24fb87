import Algebra
import BenchmarkKit

/// What the language costs: reading and planning a script, and running it beside its operators.
func run() throws {
    var benchmarks = try Benchmarks(
        "The joint-analytics language", clock: .wall,
        arguments: Array(CommandLine.arguments.dropFirst()))
    try measureChecking(&benchmarks)
    try measureOverhead(&benchmarks)
    try benchmarks.report()
}

try run()
