import Algebra
import BenchmarkKit
import MPC

/// Protocols over TLS on loopback: what they cost online, every party in this process.
func run() throws {
    var benchmarks = try Benchmarks(
        "Protocols over TLS on loopback", clock: .wall,
        arguments: Array(CommandLine.arguments.dropFirst()))
    try measureChannel(&benchmarks)
    let prime = try PrimeField.largest(bits: 128)

    try measureOnline(.multiplication, over: Z64(), "z64", parties: 2, limit: 0.1, &benchmarks)
    try measureOnline(.multiplication, over: Prime62(), "p62", parties: 2, &benchmarks)
    try measureOnline(
        .multiplication, over: Prime126(), "p126", parties: 2, limit: 0.25, &benchmarks)
    try measureOnline(.multiplication, over: prime, "prime:128", parties: 2, &benchmarks)

    try measureOnline(.comparison, over: Z64(), "z64", parties: 2, limit: 0.1, &benchmarks)
    try measureOnline(.comparison, over: Prime62(), "p62", parties: 2, limit: 0.1, &benchmarks)
    try measureOnline(.comparison, over: Prime126(), "p126", parties: 2, limit: 0.1, &benchmarks)
    try measureOnline(.comparison, over: prime, "prime:128", parties: 2, limit: 0.1, &benchmarks)
    try measureOnline(.comparison, over: Z64(), "z64", parties: 3, limit: 0.1, &benchmarks)
    try measureOnline(.comparison, over: Prime62(), "p62", parties: 3, limit: 0.1, &benchmarks)

    try measureCorrelations(&benchmarks)
    try measureThreeParties(&benchmarks)
    try measureObliviousTransfer(&benchmarks)

    try benchmarks.report()
}

restartWithRetainedMemory()
try run()
